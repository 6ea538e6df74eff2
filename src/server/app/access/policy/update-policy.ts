import { chandlerError } from '../../../../core/error/errors.ts'
import { lockOrInsertAccount } from '../../../../store/access/accounts.ts'
import { updatePolicyRow as updateRow } from '../../../../store/access/policies.ts'
import type { Actor, AppContext } from '../../context.ts'
import { writeAudit } from '../write-audit.ts'
import { isBuiltInPolicy, refuseInvalidPolicy } from './create-policy.ts'
import { getPolicy, type PolicyRecord } from './list-policies.ts'

/**
 * Replaces the document of a policy, for all users and roles that have it. An absent description is
 * unchanged.
 * @throws PolicyInvalid, PolicyNotFound, BuiltInUnchangeable
 */
export function updatePolicy(
  { database, clock }: Pick<AppContext, 'database' | 'clock'>,
  actor: Actor,
  name: string,
  { description, document }: { readonly description?: string | undefined; readonly document: unknown },
): Promise<PolicyRecord> {
  refuseInvalidPolicy(document)
  const { accountId } = actor
  return database.transaction().execute(async (transaction) => {
    await lockOrInsertAccount(transaction, { id: accountId, name: accountId })
    if (isBuiltInPolicy(name)) throw chandlerError('BuiltInUnchangeable', { what: `Policy ${name}`, change: 'changed' })
    const before = await getPolicy(transaction, actor, name)
    await updateRow(transaction, accountId, name, { description, document, updatedAt: new Date(clock.now()) })
    await writeAudit(transaction, actor, 'UpdatePolicy', `policy/${name}`, { document, before: before.document })
    return getPolicy(transaction, actor, name)
  })
}
