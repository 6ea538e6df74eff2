import type { TypedConfiguration } from '../../../core/execution/invocation.ts'
import type { Configuration } from '../../../core/extension/extension.ts'
import { digestJson } from '../../../lib/canonical-json.ts'

const known = new WeakMap<object, string>()

/**
 * Distinguishes configurations of the same version number after a restore from a backup: equal ones
 * have equal digests.
 */
export function digestConfiguration(configuration: TypedConfiguration): string {
  const digest = known.get(configuration) ?? digestJson({ ...configuration, parameterTypes: undefined })
  known.set(configuration, digest)
  return digest
}

/** By the ids of the configurations. */
export const digestConfigurations = (configurations: readonly Configuration[]): Readonly<Record<string, string>> =>
  Object.fromEntries(configurations.map((one) => [one.id, digestConfiguration(one)]))
