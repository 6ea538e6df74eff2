import { sql } from 'kysely'
import type { DeclaredValues } from '../../core/extension/declared-values.ts'
import type { AccountId, InstanceId } from '../../core/id.ts'
import type { FilterToken } from '../../core/instance/instance-filter.ts'
import type { Connection } from '../database/database.ts'
import { allTokens } from '../instance/groups.ts'

/** Values of one extension for one subject. */
export interface DeclaredValuesRow extends DeclaredValues {
  readonly extension: string
  readonly updatedBy: string
  readonly updatedAt: Date
}

const columns = sql`extension_name as extension, scope, subject, values, updated_by as "updatedBy", updated_at as "updatedAt"`

/** By extension, scope and subject. @param extensions absent: all */
export async function listDeclaredValues(
  connection: Connection,
  accountId: AccountId,
  extensions?: readonly string[],
): Promise<DeclaredValuesRow[]> {
  const { rows } = await sql<DeclaredValuesRow>`
    select ${columns} from declared_values
    where account_id = ${accountId} and ${extensions ? sql`extension_name = any(${extensions})` : sql`true`}
    order by extension_name collate "C", scope, subject collate "C"
  `.execute(connection)
  return rows
}

export interface DeclaredSubject extends Pick<DeclaredValues, 'scope' | 'subject'> {
  readonly extension: string
}

/** Locked until the transaction ends; undefined if none are declared. */
export async function lockDeclaredValues(
  connection: Connection,
  accountId: AccountId,
  { extension, scope, subject }: DeclaredSubject,
): Promise<DeclaredValuesRow | undefined> {
  const { rows } = await sql<DeclaredValuesRow>`
    select ${columns} from declared_values
    where account_id = ${accountId} and extension_name = ${extension} and scope = ${scope} and subject = ${subject}
    for update
  `.execute(connection)
  return rows[0]
}

/** Replaces the values of a subject. */
export async function saveDeclaredValues(
  connection: Connection,
  accountId: AccountId,
  { extension, scope, subject, values, updatedBy }: Omit<DeclaredValuesRow, 'updatedAt'>,
): Promise<void> {
  await sql`
    insert into declared_values (account_id, extension_name, scope, subject, values, updated_by)
    values (${accountId}, ${extension}, ${scope}, ${subject}, ${JSON.stringify(values)}::jsonb, ${updatedBy})
    on conflict (account_id, extension_name, scope, subject)
    do update set values = excluded.values, updated_by = excluded.updated_by, updated_at = now()
  `.execute(connection)
}

export async function deleteDeclaredValues(
  connection: Connection,
  accountId: AccountId,
  { extension, scope, subject }: DeclaredSubject,
): Promise<void> {
  await sql`
    delete from declared_values
    where account_id = ${accountId} and extension_name = ${extension} and scope = ${scope} and subject = ${subject}
  `.execute(connection)
}

/** Those of all extensions. */
export async function deleteValuesOfSubject(
  connection: Connection,
  accountId: AccountId,
  { scope, subject }: Pick<DeclaredSubject, 'scope' | 'subject'>,
): Promise<void> {
  await sql`
    delete from declared_values where account_id = ${accountId} and scope = ${scope} and subject = ${subject}
  `.execute(connection)
}

/** Text that changes whenever values of the extension do. */
export async function readValuesStamp(
  connection: Connection,
  accountId: AccountId,
  extension: string,
): Promise<string> {
  const { rows } = await sql<{ stamp: string }>`
    select md5(coalesce(string_agg(concat(scope, ' ', subject, ' ', values), E'\\n' order by scope, subject), '')) as stamp
    from declared_values where account_id = ${accountId} and extension_name = ${extension}
  `.execute(connection)
  return rows[0]?.stamp ?? ''
}

/** Those of the instances that match all conditions. */
export async function listTargetsThatMatch(
  connection: Connection,
  accountId: AccountId,
  tokens: readonly FilterToken[],
  ids: readonly InstanceId[],
): Promise<ReadonlySet<InstanceId>> {
  const { rows } = await sql<{ id: InstanceId }>`
    select i.id from instances i
    where i.account_id = ${accountId} and i.removed_at is null and i.id = any(${ids}) and ${allTokens(accountId, tokens)}
  `.execute(connection)
  return new Set(rows.map(({ id }) => id))
}
