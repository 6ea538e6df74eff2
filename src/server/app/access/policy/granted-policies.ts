import { builtInPolicies, builtInRole } from '../../../../core/access/built-in-policies.ts'
import type { GrantedPolicy } from '../../../../core/access/evaluate-policies.ts'
import { parsePolicy } from '../../../../core/access/parse-policy.ts'
import { administratorName } from '../../../../core/access/principal.ts'
import type { AccountId } from '../../../../core/id.ts'
import { type AttachedPolicy, listRolePolicies, listUserPolicies } from '../../../../store/access/policies.ts'
import type { Connection } from '../../../../store/database/database.ts'
import type { Actor } from '../../context.ts'

const builtIn: ReadonlyMap<string, GrantedPolicy> = new Map(
  builtInPolicies.map(({ name, content }) => [name, readPolicy(name, content)]),
)

/** The policies of a user. */
export async function loadUserPolicies(
  connection: Connection,
  accountId: AccountId,
  user: string,
): Promise<Actor['policies']> {
  if (user === administratorName) return 'everything'
  return (await listUserPolicies(connection, accountId, user)).flatMap(grant)
}

/** The policies of a user, and of the roles that a session has from an identity provider. */
export async function loadSessionPolicies(
  connection: Connection,
  accountId: AccountId,
  user: string,
  roles: readonly string[],
): Promise<Actor['policies']> {
  const own = await loadUserPolicies(connection, accountId, user)
  if (own === 'everything' || roles.length === 0) return own
  const ofRoles = await loadRolePolicies(connection, accountId, roles)
  return [...new Map([...own, ...[...ofRoles.values()].flat()].map((policy) => [policy.name, policy])).values()]
}

/** The policies of some roles, by role. One query for all, and none if they are all built in. */
export async function loadRolePolicies(
  connection: Connection,
  accountId: AccountId,
  roles: Iterable<string>,
): Promise<ReadonlyMap<string, readonly GrantedPolicy[]>> {
  const wanted = new Set(roles)
  const granted = new Map<string, readonly GrantedPolicy[]>()
  if (wanted.delete(builtInRole.name))
    granted.set(
      builtInRole.name,
      builtInRole.policies.map((name) => builtIn.get(name) as GrantedPolicy),
    )
  const attached = wanted.size > 0 ? await listRolePolicies(connection, accountId, [...wanted]) : []
  for (const role of wanted) granted.set(role, attached.filter(({ principal }) => principal === role).flatMap(grant))
  return granted
}

function grant({ policy, document }: AttachedPolicy): readonly GrantedPolicy[] {
  const known = builtIn.get(policy)
  if (known) return [known]
  return document === null ? [] : [readPolicy(policy, document)]
}

/**
 * A stored policy was valid when it was stored. If it is invalid now, the request fails, because a
 * denying statement could be lost.
 */
function readPolicy(name: string, document: unknown): GrantedPolicy {
  const parsed = parsePolicy(document)
  if (!('document' in parsed)) throw new Error(`policy ${name} cannot be parsed: ${parsed.problems.join('; ')}`)
  return { name, document: parsed.document }
}
