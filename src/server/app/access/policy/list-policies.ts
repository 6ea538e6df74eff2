import { builtInPolicies, builtInRole } from '../../../../core/access/built-in-policies.ts'
import { chandlerError } from '../../../../core/error/errors.ts'
import {
  getPolicyRow as getRow,
  listPolicyHolders,
  listPolicyRows as listRows,
  type PolicyHolder,
  type PolicyRow,
} from '../../../../store/access/policies.ts'
import type { Connection } from '../../../../store/database/database.ts'
import type { Actor, AppContext } from '../../context.ts'

/** A policy, built-in ones included. */
export interface PolicyRecord extends Omit<PolicyRow, 'createdAt' | 'updatedAt'> {
  readonly builtIn: boolean
  /** Absent for a built-in policy. */
  readonly createdAt: Date | undefined
  readonly updatedAt: Date | undefined
}

/** Number of users and roles that are named; users rarely read more. */
const maxHoldersShown = 100

const builtIn: readonly PolicyRecord[] = builtInPolicies.map(({ name, description, content }) => ({
  name,
  description,
  document: content,
  builtIn: true,
  createdAt: undefined,
  updatedAt: undefined,
}))

/** By name, after `after`; merged with the built-in ones. */
export async function listPolicies(
  { database }: Pick<AppContext, 'database'>,
  { accountId }: Actor,
  { after = '', limit }: { readonly after?: string | undefined; readonly limit: number },
): Promise<PolicyRecord[]> {
  const rows = await listRows(database, accountId, { after, limit })
  return [...rows.map((row) => ({ ...row, builtIn: false })), ...builtIn.filter(({ name }) => name > after)]
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .slice(0, limit)
}

/** @throws PolicyNotFound */
export async function getPolicy(
  connection: Connection,
  { accountId }: Pick<Actor, 'accountId'>,
  name: string,
): Promise<PolicyRecord> {
  const known = builtIn.find((policy) => policy.name === name)
  if (known) return known
  const row = await getRow(connection, accountId, name)
  if (!row) throw chandlerError('PolicyNotFound', { name })
  return { ...row, builtIn: false }
}

/**
 * A policy and the first hundred users and roles that have it.
 * @throws PolicyNotFound
 */
export async function readPolicy(
  { database }: Pick<AppContext, 'database'>,
  actor: Actor,
  name: string,
): Promise<PolicyRecord & { readonly attachedTo: readonly PolicyHolder[] }> {
  const policy = await getPolicy(database, actor, name)
  const holders = await listPolicyHolders(database, actor.accountId, name, maxHoldersShown)
  const isOfRole = builtInRole.policies.some((one) => one === name)
  return {
    ...policy,
    attachedTo: [...holders, ...(isOfRole ? [{ kind: 'role' as const, name: builtInRole.name }] : [])],
  }
}
