import { chandlerError } from '../../../../core/error/errors.ts'
import { getAccessKey, hashAccessKeyRow } from '../../../../store/access/access-keys.ts'
import { lockOrInsertAccount } from '../../../../store/access/accounts.ts'
import type { Actor, AppContext } from '../../context.ts'
import { writeAudit } from '../write-audit.ts'
import { accessKeyContext, hashAccessKeySecret } from './create-access-key.ts'

/** A shorter secret, chosen by a user, could be guessed from its hash. */
const minHashedSecretLength = 32

/**
 * Replaces the encrypted secret of an access key by its hash: the key works as before in the native
 * API, and cannot sign requests of the OOS API any more. A key with a hash is left as it is.
 * @throws AccessKeyNotFound, AccessKeySecretShort
 */
export function hashAccessKey(
  { database, secrets }: Pick<AppContext, 'database' | 'secrets'>,
  actor: Actor,
  id: string,
): Promise<void> {
  return database.transaction().execute(async (transaction) => {
    await lockOrInsertAccount(transaction, { id: actor.accountId, name: actor.accountId })
    const key = await getAccessKey(transaction, id)
    if (!key || key.accountId !== actor.accountId) throw chandlerError('AccessKeyNotFound', { id })
    if (key.secret.kind === 'native') return
    const secret = secrets.open(key.secret.sealed, accessKeyContext(key.id))
    try {
      if (secret.length < minHashedSecretLength)
        throw chandlerError('AccessKeySecretShort', { id, min: minHashedSecretLength })
      await hashAccessKeyRow(transaction, actor.accountId, id, hashAccessKeySecret(key.id, secret).hash)
    } finally {
      secret.fill(0)
    }
    await writeAudit(transaction, actor, 'HashAccessKey', `access-key/${id}`, { userName: key.userName })
  })
}
