import type { ParameterValues } from '../../extension/extension.ts'
import type { OperationRequest } from '../operation.ts'
import { mapRequestedValues } from './operations.ts'

/** Names of the given values that are secret, by extension; those of a command have an empty name. */
export type SecretNames = Readonly<Record<string, readonly string[]>>

const namesOf = (secrets: SecretNames, extension: string): readonly string[] =>
  Object.hasOwn(secrets, extension) ? (secrets[extension] ?? []) : []

const pick = (values: ParameterValues, isPicked: (name: string) => boolean): ParameterValues =>
  Object.fromEntries(Object.entries(values).filter(([name]) => isPicked(name)))

/** A request without its secret values, as users may see it. */
export const hideSecrets = (request: OperationRequest, secrets: SecretNames): OperationRequest =>
  mapRequestedValues(request, (extension, values) =>
    pick(values, (name) => !namesOf(secrets, extension).includes(name)),
  )

/**
 * A request that replaces another one: secret values of the earlier one remain where the later one
 * has none.
 */
export function keepSecrets(
  request: OperationRequest,
  { request: before, secrets }: { readonly request: OperationRequest; readonly secrets: SecretNames },
): OperationRequest {
  const kept = new Map<string, ParameterValues>()
  mapRequestedValues(before, (extension, values) => {
    kept.set(
      extension,
      pick(values, (name) => namesOf(secrets, extension).includes(name)),
    )
    return values
  })
  return mapRequestedValues(request, (extension, values) => ({ ...kept.get(extension), ...values }))
}
