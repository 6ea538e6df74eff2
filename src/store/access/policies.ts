import { sql } from 'kysely'
import type { PrincipalKind } from '../../core/access/principal.ts'
import type { AccountId } from '../../core/id.ts'
import type { Connection } from '../database/database.ts'

/** A custom policy; built-in policies are not stored. */
export interface PolicyRow {
  readonly name: string
  readonly description: string
  /** As given; it was valid when it was stored. */
  readonly document: unknown
  readonly createdAt: Date
  readonly updatedAt: Date
}

const columns = sql`name, description, document, created_at as "createdAt", updated_at as "updatedAt"`

/**
 * By name, after `after`, in byte order, so that callers can merge built-in policies whatever the
 * database's collation is.
 */
export async function listPolicyRows(
  connection: Connection,
  accountId: AccountId,
  { after = '', limit }: { readonly after?: string | undefined; readonly limit: number },
): Promise<PolicyRow[]> {
  const { rows } = await sql<PolicyRow>`
    select ${columns} from policies where account_id = ${accountId} and name collate "C" > ${after}
    order by name collate "C" limit ${limit}
  `.execute(connection)
  return rows
}

/** Undefined if the account has no such policy. */
export async function getPolicyRow(
  connection: Connection,
  accountId: AccountId,
  name: string,
): Promise<PolicyRow | undefined> {
  const { rows } = await sql<PolicyRow>`
    select ${columns} from policies where account_id = ${accountId} and name = ${name}
  `.execute(connection)
  return rows[0]
}

/** False if the account has one with this name. */
export async function insertPolicy(
  connection: Connection,
  accountId: AccountId,
  { name, description, document, createdAt }: Omit<PolicyRow, 'updatedAt'>,
): Promise<boolean> {
  const { rows } = await sql`
    insert into policies (account_id, name, description, document, created_at, updated_at)
    values (${accountId}, ${name}, ${description}, ${JSON.stringify(document)}::json, ${createdAt}, ${createdAt})
    on conflict do nothing
    returning name
  `.execute(connection)
  return rows.length === 1
}

/** An absent description is unchanged. False if the account has no such policy. */
export async function updatePolicyRow(
  connection: Connection,
  accountId: AccountId,
  name: string,
  { description, document, updatedAt }: { description: string | undefined; document: unknown; updatedAt: Date },
): Promise<boolean> {
  const { rows } = await sql`
    update policies set
      document = ${JSON.stringify(document)}::json,
      description = coalesce(${description ?? null}, description),
      updated_at = ${updatedAt}
    where account_id = ${accountId} and name = ${name}
    returning name
  `.execute(connection)
  return rows.length === 1
}

/** With its attachments. False if the account has no such policy. */
export async function deletePolicyRow(connection: Connection, accountId: AccountId, name: string): Promise<boolean> {
  const { rows } = await sql`
    with users_lost as (delete from user_policies where account_id = ${accountId} and policy_name = ${name}),
      roles_lost as (delete from role_policies where account_id = ${accountId} and policy_name = ${name})
    delete from policies where account_id = ${accountId} and name = ${name} returning name
  `.execute(connection)
  return rows.length === 1
}

/** A user or a role that has a policy. */
export interface PolicyHolder {
  readonly kind: PrincipalKind
  readonly name: string
}

/** Users and roles with the policy: users first, by name. */
export async function listPolicyHolders(
  connection: Connection,
  accountId: AccountId,
  policy: string,
  limit: number,
): Promise<PolicyHolder[]> {
  const { rows } = await sql<PolicyHolder>`
    (select 'user' as kind, user_name as name from user_policies where account_id = ${accountId} and policy_name = ${policy})
    union all
    (select 'role', role_name from role_policies where account_id = ${accountId} and policy_name = ${policy})
    order by kind desc, name
    limit ${limit}
  `.execute(connection)
  return rows
}

/** A policy of a user or a role. */
export interface AttachedPolicy {
  readonly principal: string
  readonly policy: string
  /** Null for a built-in or deleted policy. */
  readonly document: unknown
}

/** The policies of a user, with their documents. */
export async function listUserPolicies(
  connection: Connection,
  accountId: AccountId,
  user: string,
): Promise<AttachedPolicy[]> {
  const { rows } = await sql<AttachedPolicy>`
    select a.user_name as principal, a.policy_name as policy, p.document
    from user_policies a left join policies p on p.account_id = a.account_id and p.name = a.policy_name
    where a.account_id = ${accountId} and a.user_name = ${user}
  `.execute(connection)
  return rows
}

/** The policies of some roles, with their documents. A role that does not exist has none. */
export async function listRolePolicies(
  connection: Connection,
  accountId: AccountId,
  roles: readonly string[],
): Promise<AttachedPolicy[]> {
  const { rows } = await sql<AttachedPolicy>`
    select a.role_name as principal, a.policy_name as policy, p.document
    from role_policies a left join policies p on p.account_id = a.account_id and p.name = a.policy_name
    where a.account_id = ${accountId} and a.role_name = any(${roles})
  `.execute(connection)
  return rows
}
