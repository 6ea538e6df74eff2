import type { ParameterValues } from '../../../core/extension/extension.ts'
import type { AppContext } from '../context.ts'

const contextOf = (id: string) => `assignment/${id}`

/** Null if there are none. */
export const sealAssignmentSecrets = (secrets: AppContext['secrets'], values: ParameterValues, id: string) =>
  Object.keys(values).length > 0 ? secrets.seal(JSON.stringify(values), contextOf(id)) : null

export const openAssignmentSecrets = (
  secrets: AppContext['secrets'],
  sealed: Buffer | null,
  id: string,
): ParameterValues =>
  sealed === null ? {} : (JSON.parse(secrets.open(sealed, contextOf(id)).toString('utf8')) as ParameterValues)
