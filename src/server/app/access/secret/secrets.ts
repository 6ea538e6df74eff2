import { chandlerError } from '../../../../core/error/errors.ts'
import type { ParameterValues } from '../../../../core/extension/extension.ts'
import { listSecretNames } from '../../../../core/extension/secret-reference.ts'
import { makeSecretId } from '../../../../core/id.ts'
import { maxSecretsPerAccount } from '../../../../core/limits.ts'
import {
  deleteSecret,
  insertSecret,
  type ListedSecretRow,
  listSealedSecrets,
  listSecrets,
  listSecretUsers,
  lockSecret,
  updateSecret,
} from '../../../../store/access/named-secrets.ts'
import type { Connection } from '../../../../store/database/database.ts'
import type { Actor, AppContext } from '../../context.ts'
import { authorise, resourceFor } from '../authorise.ts'
import { writeAudit } from '../write-audit.ts'
import { secretContextOf } from './resolve-secrets.ts'

export type { ListedSecretRow }

/** By name, without values: no request returns one. */
export const readSecrets = ({ database }: AppContext, { accountId }: Actor): Promise<ListedSecretRow[]> =>
  listSecrets(database, accountId)

/**
 * Creates a secret, or replaces its value. Instances get it with their next change.
 * @throws SecretsTooMany
 */
export async function putSecret(context: AppContext, actor: Actor, name: string, value: string): Promise<void> {
  const { accountId, name: by } = actor
  await context.database.transaction().execute(async (transaction) => {
    const known = await lockSecret(transaction, accountId, name)
    const id = known?.id ?? makeSecretId(context.random)
    const sealed = context.secrets.seal(value, secretContextOf(id))
    if (known) await updateSecret(transaction, id, { value_sealed: sealed, updated_by: by })
    else {
      if ((await listSecrets(transaction, accountId)).length >= maxSecretsPerAccount)
        throw chandlerError('SecretsTooMany', { max: maxSecretsPerAccount })
      const row = { id, account_id: accountId, name, value_sealed: sealed, created_by: by, updated_by: by }
      await insertSecret(transaction, row)
    }
    await writeAudit(transaction, actor, known ? 'UpdateSecret' : 'CreateSecret', `secret/${name}`, {})
  })
}

/**
 * Deletes a secret. Work that refers to it cannot be handed out afterwards.
 * @throws SecretNotFound; SecretInUse unless forced
 */
export async function removeSecret(
  { database }: AppContext,
  actor: Actor,
  name: string,
  { force }: { readonly force: boolean },
): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    const known = await lockSecret(transaction, actor.accountId, name)
    if (!known) throw chandlerError('SecretNotFound', { name })
    const found = force ? [] : await listSecretUsers(transaction, actor.accountId, name)
    const users = found.map((user) => `${user.kind} ${user.name}`)
    if (users.length > 0) throw chandlerError('SecretInUse', { name, users: users.join(', ') }, { users })
    await deleteSecret(transaction, known.id)
    await writeAudit(transaction, actor, 'DeleteSecret', `secret/${name}`, {})
  })
}

/**
 * Giving a reference needs permission for the secret: a script receives it.
 * @throws AccessDenied
 */
export function authoriseSecrets(
  context: Pick<AppContext, 'clock' | 'region' | 'accountName'>,
  actor: Actor,
  values: ParameterValues,
): void {
  const action = 'chandler:UseSecret'
  for (const name of listSecretNames(values))
    authorise(context, actor, { action, resource: resourceFor(context, actor, action, `secret/${name}`) })
}

/** @throws SecretNotFound if values refer to a secret that does not exist */
export async function requireSecrets(
  connection: Connection,
  { accountId }: Pick<Actor, 'accountId'>,
  values: ParameterValues,
): Promise<void> {
  const names = listSecretNames(values)
  if (names.length === 0) return
  const known = new Set((await listSealedSecrets(connection, accountId, names)).map(({ name }) => name))
  const missing = names.find((name) => !known.has(name))
  if (missing !== undefined) throw chandlerError('SecretNotFound', { name: missing })
}
