import { administratorName } from '../../../../core/access/principal.ts'
import { chandlerError } from '../../../../core/error/errors.ts'
import { type AccessKey, countUsableAccessKeys, updateAccessKeyDisabled } from '../../../../store/access/access-keys.ts'
import { lockOrInsertAccount } from '../../../../store/access/accounts.ts'
import type { Connection } from '../../../../store/database/database.ts'
import type { Actor, AppContext } from '../../context.ts'
import { writeAudit } from '../write-audit.ts'

/**
 * Enables or disables an access key. Other servers notice within their cache time
 * (authenticate.ts).
 * @throws AccessKeyNotFound; AccessKeyLast to avoid locking everyone out
 */
export function setAccessKeyEnabled(
  { database, clock }: Pick<AppContext, 'database' | 'clock'>,
  actor: Actor,
  id: string,
  enabled: boolean,
): Promise<void> {
  return database.transaction().execute(async (transaction) => {
    // Of two users who disable each other's keys at once only one may succeed.
    await lockOrInsertAccount(transaction, { id: actor.accountId, name: actor.accountId })
    const key = await updateAccessKeyDisabled(transaction, actor.accountId, id, enabled ? null : new Date(clock.now()))
    if (!key) throw chandlerError('AccessKeyNotFound', { id })
    if (!enabled && (await locksOut(transaction, key, new Date(clock.now()))))
      throw chandlerError('AccessKeyLast', { id })
    await writeAudit(transaction, actor, enabled ? 'EnableAccessKey' : 'DisableAccessKey', `access-key/${id}`)
  })
}

/**
 * Whether no key with full access would be left. The administrator must keep one: no other user
 * could restore what policies remove.
 */
export async function locksOut(
  connection: Connection,
  { accountId, userName }: AccessKey,
  now: Date,
): Promise<boolean> {
  const user = userName === administratorName ? userName : undefined
  return (await countUsableAccessKeys(connection, accountId, now, user)) === 0
}
