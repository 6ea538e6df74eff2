import type { OperationPart } from '../../../core/execution/operation.ts'
import type { ParameterValues } from '../../../core/extension/extension.ts'
import { maskedValue } from '../../../core/extension/parameter.ts'

/** Values of one extension, or of a command, for display: secrets are masked. */
export interface ShownValues {
  /** Absent: a command. */
  readonly extension?: string
  readonly values: ParameterValues
  /** Names of the given ones. */
  readonly given: readonly string[]
  /** Installed values are not kept. */
  readonly reset: boolean
}

export const maskAll = (secret: ParameterValues): ParameterValues =>
  Object.fromEntries(Object.keys(secret).map((name) => [name, maskedValue]))

/** The values of one extension, secrets masked. */
export function showPart(
  { extensionName, parameters, given, resetParameters }: OperationPart,
  secret: ParameterValues,
): ShownValues {
  const values = { ...parameters, ...maskAll(secret) }
  // In executions of releases that did not keep installed values every value counts as given.
  return {
    extension: extensionName,
    values,
    given: given ?? Object.keys(values),
    reset: resetParameters ?? given === undefined,
  }
}
