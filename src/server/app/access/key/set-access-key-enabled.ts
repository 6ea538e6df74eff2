import { administratorName } from '../../../../core/access/principal.ts'
import { chandlerError } from '../../../../core/error/errors.ts'
import { type AccessKey, countUsableAccessKeys, updateAccessKeyDisabled } from '../../../../store/access/access-keys.ts'
import { lockOrInsertAccount } from '../../../../store/access/accounts.ts'
import type { Connection } from '../../../../store/database/database.ts'
import type { Actor, AppContext } from '../../context.ts'
import { writeAudit } from '../write-audit.ts'

/**
 * Whether an access key may be used. Other servers notice within the time they remember keys (authenticate.ts).
 * @throws AccessKeyNotFound; AccessKeyLast rather than locking everyone out
 */
export function setAccessKeyEnabled(
  { database, clock }: Pick<AppContext, 'database' | 'clock'>,
  actor: Actor,
  id: string,
  enabled: boolean,
): Promise<void> {
  return database.transaction().execute(async (transaction) => {
    // Two people who disable each other's keys at once must not both succeed.
    await lockOrInsertAccount(transaction, { id: actor.accountId, name: actor.accountId })
    const key = await updateAccessKeyDisabled(transaction, actor.accountId, id, enabled ? null : new Date(clock.now()))
    if (!key) throw chandlerError('AccessKeyNotFound', { id })
    if (!enabled && (await locksOut(transaction, key, new Date(clock.now()))))
      throw chandlerError('AccessKeyLast', { id })
    await writeAudit(transaction, actor, enabled ? 'EnableAccessKey' : 'DisableAccessKey', `access-key/${id}`)
  })
}

/** Whether none is left that could do everything. The administrator keeps a key: nobody else could give back what policies take away. */
export async function locksOut(
  connection: Connection,
  { accountId, userName }: AccessKey,
  now: Date,
): Promise<boolean> {
  const user = userName === administratorName ? userName : undefined
  return (await countUsableAccessKeys(connection, accountId, now, user)) === 0
}
