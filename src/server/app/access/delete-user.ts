import { administratorName } from '../../../core/access/principal.ts'
import { chandlerError } from '../../../core/error/errors.ts'
import { countUsableAccessKeys, deleteAccessKeysOf } from '../../../store/access/access-keys.ts'
import { lockOrInsertAccount } from '../../../store/access/accounts.ts'
import { deletePrincipal } from '../../../store/access/principals.ts'
import type { Actor, AppContext } from '../context.ts'
import { getPrincipal } from './list-principals.ts'
import { writeAudit } from './write-audit.ts'

/**
 * Deletes a user with its access keys and attachments. Refused while it has policies or an enabled
 * key, unless forced.
 * @throws UserNotFound, UserInUse, BuiltInUnchangeable (the administrator)
 */
export function deleteUser(
  { database, clock }: Pick<AppContext, 'database' | 'clock'>,
  actor: Actor,
  name: string,
  { force }: { readonly force: boolean },
): Promise<void> {
  const { accountId } = actor
  return database.transaction().execute(async (transaction) => {
    await lockOrInsertAccount(transaction, { id: accountId, name: accountId })
    const { policies } = await getPrincipal(transaction, actor, 'user', name)
    if (name === administratorName)
      throw chandlerError('BuiltInUnchangeable', { what: `User ${name}`, change: 'deleted' })
    const keys = await countUsableAccessKeys(transaction, accountId, new Date(clock.now()), name)
    const reasons = [
      ...(policies.length > 0
        ? [`it has the ${policies.length === 1 ? 'policy' : 'policies'} ${policies.join(', ')}`]
        : []),
      ...(keys > 0 ? [`${keys} of its access keys ${keys === 1 ? 'is' : 'are'} enabled`] : []),
    ]
    if (reasons.length > 0 && !force) throw chandlerError('UserInUse', { name, reason: reasons.join(', and ') })
    const accessKeys = await deleteAccessKeysOf(transaction, accountId, name)
    await deletePrincipal(transaction, accountId, 'user', name)
    await writeAudit(transaction, actor, 'DeleteUser', `user/${name}`, { force, policies, accessKeys })
  })
}
