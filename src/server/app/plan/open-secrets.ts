import type { ParameterValues } from '../../../core/extension/extension.ts'
import type { AppContext } from '../context.ts'

/** Opens the values that were sealed for an execution, or for its installed states. */
export const openSecrets = (
  secrets: AppContext['secrets'],
  sealed: Buffer | null,
  executionId: string,
): ParameterValues =>
  sealed ? (JSON.parse(secrets.open(sealed, `execution/${executionId}`).toString('utf8')) as ParameterValues) : {}
