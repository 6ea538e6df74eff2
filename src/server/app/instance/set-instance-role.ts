import { chandlerError } from '../../../core/error/errors.ts'
import { lockOrInsertAccount } from '../../../store/access/accounts.ts'
import type { Connection } from '../../../store/database/database.ts'
import { updateInstanceRole } from '../../../store/instance/instances.ts'
import { authorise, resourceFor } from '../access/authorise.ts'
import { getPrincipal } from '../access/list-principals.ts'
import { writeAudit } from '../access/write-audit.ts'
import type { Actor, AppContext } from '../context.ts'

/**
 * Sets the role of an instance: it takes effect with the next invocation.
 * @throws AccessDenied, InstanceNotFound, RoleNotFound
 */
export async function setInstanceRole(
  context: Pick<AppContext, 'database' | 'clock' | 'region'>,
  actor: Actor,
  id: string,
  role: string,
): Promise<void> {
  authoriseRole(context, actor, role)
  await context.database.transaction().execute(async (transaction) => {
    await lockRole(transaction, actor, role)
    if (!(await updateInstanceRole(transaction, actor.accountId, id, role)))
      throw chandlerError('InstanceNotFound', { id })
    await writeAudit(transaction, actor, 'SetInstanceRole', `instance/${id}`, { role })
  })
}

/** Assigning a role grants its permissions; RAM calls that passing the role. */
export const authoriseRole = (context: Pick<AppContext, 'clock' | 'region'>, actor: Actor, role: string): void =>
  authorise(context, actor, {
    action: 'ram:PassRole',
    resource: resourceFor(context, actor, 'ram:PassRole', `role/${role}`),
  })

/** Locks the role until the transaction ends, so that it is not deleted meanwhile. */
export async function lockRole(transaction: Connection, actor: Actor, role: string): Promise<void> {
  await lockOrInsertAccount(transaction, { id: actor.accountId, name: actor.accountId })
  await getPrincipal(transaction, actor, 'role', role)
}
