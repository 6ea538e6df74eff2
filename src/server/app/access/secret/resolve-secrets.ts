import { chandlerError } from '../../../../core/error/errors.ts'
import type { ParameterValues } from '../../../../core/extension/extension.ts'
import { listSecretNames, resolveReferences } from '../../../../core/extension/secret-reference.ts'
import { listSealedSecrets } from '../../../../store/access/named-secrets.ts'
import type { Connection } from '../../../../store/database/database.ts'
import type { SecretBox } from '../../context.ts'

/** The values with the secrets of an account that they refer to. @throws SecretNotFound */
export type ResolveSecrets = (accountId: string, values: ParameterValues) => ParameterValues

/** Values that may refer to secrets of an account. */
export interface ReferringValues {
  readonly accountId: string
  readonly values: ParameterValues
}

export const secretContextOf = (id: string) => `secret/${id}`

/** Loads the secrets that values refer to; one statement for each account. */
export async function loadSecrets(
  { database, secrets }: { readonly database: Connection; readonly secrets: SecretBox },
  referring: readonly ReferringValues[],
): Promise<ResolveSecrets> {
  const names = new Map<string, Set<string>>()
  for (const { accountId, values } of referring) {
    const found = listSecretNames(values)
    if (found.length === 0) continue
    names.set(accountId, new Set([...(names.get(accountId) ?? []), ...found]))
  }
  const known = new Map<string, string>()
  for (const [accountId, wanted] of names)
    for (const { id, name, value_sealed: sealed } of await listSealedSecrets(database, accountId, [...wanted]))
      known.set(`${accountId} ${name}`, secrets.open(sealed, secretContextOf(id)).toString('utf8'))
  return (accountId, values) =>
    resolveReferences(values, (name) => {
      const value = known.get(`${accountId} ${name}`)
      if (value === undefined) throw chandlerError('SecretNotFound', { name })
      return value
    })
}
