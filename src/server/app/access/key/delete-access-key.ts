import { chandlerError } from '../../../../core/error/errors.ts'
import { deleteAccessKeyRow as deleteKey } from '../../../../store/access/access-keys.ts'
import { lockOrInsertAccount } from '../../../../store/access/accounts.ts'
import type { Actor, AppContext } from '../../context.ts'
import { writeAudit } from '../write-audit.ts'
import { locksOut } from './set-access-key-enabled.ts'

/**
 * Deletes a key permanently. Other servers notice within their cache time (authenticate.ts).
 * @throws AccessKeyNotFound; AccessKeyLast to avoid locking everyone out
 */
export function deleteAccessKey(
  { database, clock }: Pick<AppContext, 'database' | 'clock'>,
  actor: Actor,
  id: string,
): Promise<void> {
  return database.transaction().execute(async (transaction) => {
    // Of two administrators who delete each other's keys at once only one may succeed.
    await lockOrInsertAccount(transaction, { id: actor.accountId, name: actor.accountId })
    const key = await deleteKey(transaction, actor.accountId, id)
    if (!key) throw chandlerError('AccessKeyNotFound', { id })
    if (await locksOut(transaction, key, new Date(clock.now()))) throw chandlerError('AccessKeyLast', { id })
    await writeAudit(transaction, actor, 'DeleteAccessKey', `access-key/${id}`, { userName: key.userName })
  })
}
