import { chandlerError } from '../../../../core/error/errors.ts'
import { lockOrInsertAccount } from '../../../../store/access/accounts.ts'
import { deletePolicyRow as deleteRow, listPolicyHolders } from '../../../../store/access/policies.ts'
import type { Actor, AppContext } from '../../context.ts'
import { writeAudit } from '../write-audit.ts'
import { getPolicy } from './list-policies.ts'

/** Number of users and roles that a refusal names. */
const maxNamed = 10

/**
 * Refused while it is attached, unless forced, which detaches it from all users and roles.
 * @throws PolicyNotFound, PolicyInUse, BuiltInUnchangeable
 */
export function deletePolicy(
  { database }: Pick<AppContext, 'database'>,
  actor: Actor,
  name: string,
  { force }: { readonly force: boolean },
): Promise<void> {
  const { accountId } = actor
  return database.transaction().execute(async (transaction) => {
    await lockOrInsertAccount(transaction, { id: accountId, name: accountId })
    const { builtIn } = await getPolicy(transaction, actor, name)
    if (builtIn) throw chandlerError('BuiltInUnchangeable', { what: `Policy ${name}`, change: 'deleted' })
    const holders = await listPolicyHolders(transaction, accountId, name, maxNamed + 1)
    const named = holders.slice(0, maxNamed).map((holder) => `${holder.kind} ${holder.name}`)
    if (holders.length > maxNamed) named.push('others')
    if (named.length > 0 && !force)
      throw chandlerError('PolicyInUse', { name, reason: `it is attached to ${named.join(', ')}` })
    await deleteRow(transaction, accountId, name)
    await writeAudit(transaction, actor, 'DeletePolicy', `policy/${name}`, { force, attachedTo: named })
  })
}
