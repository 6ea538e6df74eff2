import { sql } from 'kysely'
import type { AccountId, ExecutionId } from '../../core/id.ts'
import type { Connection } from '../database/database.ts'

export interface KnownExtension {
  readonly name: string
  /** The number of versions ever created; null: the extension was deleted. */
  readonly versionsMade: number | null
}

/**
 * Those of some names that are, or were, extensions of the account: a deleted one may still be
 * installed.
 */
export async function listKnownExtensions(
  connection: Connection,
  accountId: AccountId,
  names: readonly string[],
): Promise<KnownExtension[]> {
  const { rows } = await sql<KnownExtension>`
    select name, latest_version as "versionsMade" from extensions where account_id = ${accountId} and name = any(${names})
    union all
    select distinct name, null::int from deleted_extensions where account_id = ${accountId} and name = any(${names})
  `.execute(connection)
  return rows
}

/** Whether an execution of the account is, or was, for an extension of this name. */
export const isNamedByExecution = (connection: Connection, accountId: AccountId, extension: string): Promise<boolean> =>
  exists(
    connection,
    sql`select from executions where account_id = ${accountId} and deleted_at is null and operation ->> 'extensionName' = ${extension}
      union all
      select from execution_parts where account_id = ${accountId} and extension_name = ${extension}`,
  )

/** Whether an instance has this version of an extension, or an incomplete change of it. */
export const isInstalledSomewhere = (
  connection: Connection,
  accountId: AccountId,
  extension: string,
  version: number,
): Promise<boolean> =>
  exists(
    connection,
    sql`select from installed_states s join extensions e on e.id = s.extension_id
      where e.account_id = ${accountId} and e.name = ${extension} and s.account_id = ${accountId} and s.version = ${version}`,
  )

/** Whether any instance of the account is in the resource group, or a join token assigns it. */
export const isKnownGroup = (connection: Connection, accountId: AccountId, group: string): Promise<boolean> =>
  exists(
    connection,
    sql.join(
      ['instances', 'executions', 'extensions', 'join_tokens'].map(
        (table) =>
          sql`select from ${sql.table(table)} where account_id = ${accountId} and resource_group <> '' and resource_group = ${group}`,
      ),
      sql` union all `,
    ),
  )

/** Whether an execution is, or was, one of the account: a deleted one may have children. */
export const isKnownParent = (connection: Connection, accountId: AccountId, id: string): Promise<boolean> =>
  exists(
    connection,
    sql`select from executions where id = ${id} and account_id = ${accountId} and deleted_at is null
      union all
      select from executions where parent_execution_id = ${id} and account_id = ${accountId} and deleted_at is null`,
  )

/** Whether an instance is one of the account, removed ones included. */
export const isKnownInstance = (connection: Connection, accountId: AccountId, id: string): Promise<boolean> =>
  exists(connection, sql`select from instances where id = ${id} and account_id = ${accountId}`)

/** Those of some instances that an execution has a task for. */
export async function listTaskInstances(
  connection: Connection,
  executionId: ExecutionId,
  ids: readonly string[],
): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select instance_id as id from task_executions where execution_id = ${executionId} and instance_id = any(${ids})
  `.execute(connection)
  return rows.map(({ id }) => id)
}

async function exists(connection: Connection, query: ReturnType<typeof sql>): Promise<boolean> {
  const { rows } = await sql<{ found: boolean }>`select exists (${query}) as found`.execute(connection)
  return rows[0]?.found === true
}
