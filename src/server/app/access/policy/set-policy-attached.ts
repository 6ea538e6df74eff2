import type { PrincipalKind } from '../../../../core/access/principal.ts'
import { chandlerError } from '../../../../core/error/errors.ts'
import { lockOrInsertAccount } from '../../../../store/access/accounts.ts'
import { deletePolicyAttachment, insertPolicyAttachment } from '../../../../store/access/principals.ts'
import type { Actor, AppContext } from '../../context.ts'
import { getPrincipal } from '../list-principals.ts'
import { writeAudit } from '../write-audit.ts'
import { getPolicy } from './list-policies.ts'

const auditActions = {
  user: { attach: 'AttachPolicyToUser', detach: 'DetachPolicyFromUser' },
  role: { attach: 'AttachPolicyToRole', detach: 'DetachPolicyFromRole' },
} as const

/**
 * Attaches a policy to a user or a role, or detaches it. Attaching again changes nothing. Takes
 * effect immediately on this server and within 5 s on others; for instances with their next
 * invocation.
 * @throws UserNotFound, RoleNotFound, PolicyNotFound, PolicyNotAttached, BuiltInUnchangeable
 */
export function setPolicyAttached(
  { database }: Pick<AppContext, 'database'>,
  actor: Actor,
  kind: PrincipalKind,
  { name, policy, attached }: { readonly name: string; readonly policy: string; readonly attached: boolean },
): Promise<void> {
  const { accountId } = actor
  return database.transaction().execute(async (transaction) => {
    // Prevents the deletion of the policy and of the user or role meanwhile.
    await lockOrInsertAccount(transaction, { id: accountId, name: accountId })
    const { builtIn, policies } = await getPrincipal(transaction, actor, kind, name)
    if (builtIn) throw chandlerError('BuiltInUnchangeable', { what: `What ${kind} ${name} may do`, change: 'changed' })
    if (attached) {
      await getPolicy(transaction, actor, policy)
      if (policies.includes(policy)) return
      await insertPolicyAttachment(transaction, accountId, kind, { name, policy })
    } else if (!(await deletePolicyAttachment(transaction, accountId, kind, { name, policy }))) {
      throw chandlerError('PolicyNotAttached', { policy, principal: `${kind} ${name}` })
    }
    await writeAudit(transaction, actor, auditActions[kind][attached ? 'attach' : 'detach'], `${kind}/${name}`, {
      policy,
    })
  })
}
