import type { ParameterValues } from '../../../core/extension/extension.ts'
import type { AppContext } from '../context.ts'

/** Secret values of a boot profile, by index of the extension. */
export type BootSecrets = readonly ParameterValues[]

const contextOf = (joinToken: string) => `join-token/${joinToken}`

/** Null if no value is secret. */
export const sealBootSecrets = (
  secrets: AppContext['secrets'],
  values: BootSecrets,
  joinToken: string,
): Buffer | null =>
  values.some((value) => Object.keys(value).length > 0)
    ? secrets.seal(JSON.stringify(values), contextOf(joinToken))
    : null

export const openBootSecrets = (
  secrets: AppContext['secrets'],
  sealed: Buffer | null,
  joinToken: string,
): BootSecrets =>
  sealed === null ? [] : (JSON.parse(secrets.open(sealed, contextOf(joinToken)).toString('utf8')) as BootSecrets)
