import { sql } from 'kysely'
import type { PrincipalKind } from '../../core/access/principal.ts'
import type { AccountId } from '../../core/id.ts'
import type { Connection } from '../database/database.ts'

/** A user or a role. */
export interface Principal {
  readonly name: string
  readonly description: string
  readonly createdAt: Date
  /** A service account: without a password, and with keys that expire. Never true for a role. */
  readonly service: boolean
  /** Sorted names, built-in policies included. */
  readonly policies: readonly string[]
}

/** Users and roles have tables of the same form. */
const tables = {
  user: {
    principals: sql.table('users'),
    attachments: sql.table('user_policies'),
    name: sql.ref('user_name'),
    service: sql`p.service`,
  },
  role: {
    principals: sql.table('roles'),
    attachments: sql.table('role_policies'),
    name: sql.ref('role_name'),
    service: sql`false`,
  },
} as const satisfies Record<PrincipalKind, unknown>

/** By name, after `after`, in byte order, as `listPolicyRows`. */
export const listPrincipalRows = (
  connection: Connection,
  accountId: AccountId,
  kind: PrincipalKind,
  { after = '', limit }: { readonly after?: string | undefined; readonly limit: number },
): Promise<Principal[]> =>
  select(connection, accountId, kind, sql`p.name collate "C" > ${after} order by p.name collate "C" limit ${limit}`)

/** Undefined if there is none. */
export async function getPrincipalRow(
  connection: Connection,
  accountId: AccountId,
  kind: PrincipalKind,
  name: string,
): Promise<Principal | undefined> {
  const [found] = await select(connection, accountId, kind, sql`p.name = ${name}`)
  return found
}

async function select(
  connection: Connection,
  accountId: AccountId,
  kind: PrincipalKind,
  condition: ReturnType<typeof sql>,
): Promise<Principal[]> {
  const { principals, attachments, name, service } = tables[kind]
  const { rows } = await sql<Principal>`
    select p.name, p.description, p.created_at as "createdAt", ${service} as service, array(
      select a.policy_name from ${attachments} a
      where a.account_id = p.account_id and a.${name} = p.name
      order by a.policy_name
    ) as policies
    from ${principals} p
    where p.account_id = ${accountId} and ${condition}
  `.execute(connection)
  return rows
}

/** False if the account has one with this name. */
export async function insertPrincipal(
  connection: Connection,
  accountId: AccountId,
  kind: PrincipalKind,
  { name, description, createdAt }: Omit<Principal, 'policies' | 'service'>,
): Promise<boolean> {
  const { rows } = await sql`
    insert into ${tables[kind].principals} (account_id, name, description, created_at)
    values (${accountId}, ${name}, ${description}, ${createdAt})
    on conflict do nothing
    returning name
  `.execute(connection)
  return rows.length === 1
}

/** Makes a new user a service account. */
export async function markServiceAccount(connection: Connection, accountId: AccountId, name: string): Promise<void> {
  await sql`update users set service = true where account_id = ${accountId} and name = ${name}`.execute(connection)
}

/** With its attachments. False if there is none. */
export async function deletePrincipal(
  connection: Connection,
  accountId: AccountId,
  kind: PrincipalKind,
  name: string,
): Promise<boolean> {
  const { rows } = await sql`
    delete from ${tables[kind].principals} where account_id = ${accountId} and name = ${name} returning name
  `.execute(connection)
  return rows.length === 1
}

/** Does nothing if it is attached already. */
export async function insertPolicyAttachment(
  connection: Connection,
  accountId: AccountId,
  kind: PrincipalKind,
  { name, policy }: { readonly name: string; readonly policy: string },
): Promise<void> {
  const table = tables[kind]
  await sql`
    insert into ${table.attachments} (account_id, ${table.name}, policy_name)
    values (${accountId}, ${name}, ${policy})
    on conflict do nothing
  `.execute(connection)
}

/** False if it was not attached. */
export async function deletePolicyAttachment(
  connection: Connection,
  accountId: AccountId,
  kind: PrincipalKind,
  { name, policy }: { readonly name: string; readonly policy: string },
): Promise<boolean> {
  const table = tables[kind]
  const { rows } = await sql`
    delete from ${table.attachments}
    where account_id = ${accountId} and ${table.name} = ${name} and policy_name = ${policy}
    returning policy_name
  `.execute(connection)
  return rows.length === 1
}
