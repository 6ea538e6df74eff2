import { builtInRole } from '../../../core/access/built-in-policies.ts'
import type { PrincipalKind } from '../../../core/access/principal.ts'
import { chandlerError } from '../../../core/error/errors.ts'
import { insertPrincipal, markServiceAccount } from '../../../store/access/principals.ts'
import type { Actor, AppContext } from '../context.ts'
import { getPrincipal, type PrincipalRecord } from './list-principals.ts'
import { writeAudit } from './write-audit.ts'

/**
 * Creates a user without permissions, or a role without permissions for its instances.
 * @throws UserNameTaken, RoleNameTaken
 */
export function createPrincipal(
  { database, clock }: Pick<AppContext, 'database' | 'clock'>,
  actor: Actor,
  kind: PrincipalKind,
  {
    name,
    description,
    service = false,
  }: {
    readonly name: string
    readonly description: string
    /** Only for users: a service account. */
    readonly service?: boolean | undefined
  },
): Promise<PrincipalRecord> {
  return database.transaction().execute(async (transaction) => {
    const createdAt = new Date(clock.now())
    const isTaken = kind === 'role' && name === builtInRole.name
    if (isTaken || !(await insertPrincipal(transaction, actor.accountId, kind, { name, description, createdAt })))
      throw chandlerError(kind === 'user' ? 'UserNameTaken' : 'RoleNameTaken', { name })
    if (service) await markServiceAccount(transaction, actor.accountId, name)
    await writeAudit(transaction, actor, kind === 'user' ? 'CreateUser' : 'CreateRole', `${kind}/${name}`, {
      ...(service && { service }),
    })
    return getPrincipal(transaction, actor, kind, name)
  })
}
