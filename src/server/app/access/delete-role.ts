import { chandlerError } from '../../../core/error/errors.ts'
import { lockOrInsertAccount } from '../../../store/access/accounts.ts'
import { deletePrincipal } from '../../../store/access/principals.ts'
import { countRoleUse } from '../../../store/instance/instances.ts'
import type { Actor, AppContext } from '../context.ts'
import { getPrincipal } from './list-principals.ts'
import { writeAudit } from './write-audit.ts'

/**
 * Refused while instances or join tokens have the role, unless forced: those instances then get
 * nothing until they have another role.
 * @throws RoleNotFound, RoleInUse, BuiltInUnchangeable
 */
export function deleteRole(
  { database }: Pick<AppContext, 'database'>,
  actor: Actor,
  name: string,
  { force }: { readonly force: boolean },
): Promise<void> {
  const { accountId } = actor
  return database.transaction().execute(async (transaction) => {
    await lockOrInsertAccount(transaction, { id: accountId, name: accountId })
    const { builtIn, policies } = await getPrincipal(transaction, actor, 'role', name)
    if (builtIn) throw chandlerError('BuiltInUnchangeable', { what: `Role ${name}`, change: 'deleted' })
    const { instances, joinTokens } = await countRoleUse(transaction, accountId, name)
    if (instances + joinTokens > 0 && !force)
      throw chandlerError('RoleInUse', {
        name,
        reason: `instances with the role: ${instances}, join tokens with the role: ${joinTokens}`,
      })
    await deletePrincipal(transaction, accountId, 'role', name)
    await writeAudit(transaction, actor, 'DeleteRole', `role/${name}`, { force, policies, instances, joinTokens })
  })
}
