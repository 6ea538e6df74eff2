import { sql } from 'kysely'
import type { Extension, ExtensionType } from '../../core/extension/extension.ts'
import type { AccountId, ExecutionId, ExtensionId, InstanceId } from '../../core/id.ts'
import type { Connection } from '../database/database.ts'

export interface ExtensionRow extends Extension {
  readonly createdAt: Date
  readonly updatedAt: Date
  readonly tags: Readonly<Record<string, string>>
  readonly resourceGroup: string
  /** Names of users; empty for rows that predate the column. */
  readonly createdBy: string
  readonly updatedBy: string
}

/**
 * False if the account has an extension of this name. Its first version, v1, is inserted in the
 * same transaction.
 */
export async function insertExtension(
  connection: Connection,
  extension: {
    readonly id: ExtensionId
    readonly accountId: AccountId
    readonly name: string
    readonly type: ExtensionType
    readonly description: string
    readonly createdAt: Date
    readonly createdBy: string
    readonly tags: Readonly<Record<string, string>>
    readonly resourceGroup: string
  },
): Promise<boolean> {
  const { rows } = await sql`
    insert into extensions
      (id, account_id, name, type, description, latest_version, created_at, updated_at, created_by, updated_by, tags, resource_group)
    values (${extension.id}, ${extension.accountId}, ${extension.name}, ${extension.type}, ${extension.description}, 1,
      ${extension.createdAt}, ${extension.createdAt}, ${extension.createdBy}, ${extension.createdBy},
      ${JSON.stringify(extension.tags)}, ${extension.resourceGroup})
    on conflict (account_id, name) do nothing
    returning id
  `.execute(connection)
  return rows.length === 1
}

/** Undefined if the account has no such extension. */
export async function getExtensionByName(
  connection: Connection,
  accountId: AccountId,
  name: string,
): Promise<ExtensionRow | undefined> {
  const { rows } = await sql<ExtensionRow>`
    select ${columns} from extensions e where e.account_id = ${accountId} and e.name = ${name}
  `.execute(connection)
  return rows[0]
}

/**
 * Like `getExtensionByName`, locked until the transaction ends: `update` to create or delete
 * versions, `use` to start using one, which any number of transactions may do at once and which
 * prevents deletion.
 */
export async function lockExtension(
  connection: Connection,
  accountId: AccountId,
  name: string,
  purpose: 'update' | 'use',
): Promise<ExtensionRow | undefined> {
  // Two statements: the second sees versions that were created while the first waited for the lock.
  const strength = purpose === 'update' ? sql`for update` : sql`for share`
  await sql`select 1 from extensions where account_id = ${accountId} and name = ${name} ${strength}`.execute(connection)
  return getExtensionByName(connection, accountId, name)
}

/** By name, after `after`. */
export async function listExtensionRows(
  connection: Connection,
  accountId: AccountId,
  { after = '', limit }: { after?: string | undefined; limit: number },
): Promise<ExtensionRow[]> {
  const { rows } = await sql<ExtensionRow>`
    select ${columns} from extensions e
    where e.account_id = ${accountId} and e.name > ${after}
    order by e.name
    limit ${limit}
  `.execute(connection)
  return rows
}

/** The next version number, which is never reused. The caller holds the lock for update. */
export async function updateVersionCounter(
  connection: Connection,
  accountId: AccountId,
  id: ExtensionId,
  { at, by }: { readonly at: Date; readonly by: string },
): Promise<number> {
  const { rows } = await sql<{ version: number }>`
    update extensions set latest_version = latest_version + 1, updated_at = ${at}, updated_by = ${by}
    where account_id = ${accountId} and id = ${id}
    returning latest_version as version
  `.execute(connection)
  return rows[0]!.version
}

/** The changes of an extension; absent fields are unchanged. */
export interface ExtensionChanges {
  readonly type?: ExtensionType | undefined
  readonly description?: string | undefined
  /** Replaces all tags. */
  readonly tags?: Readonly<Record<string, string>> | undefined
  readonly resourceGroup?: string | undefined
}

/** Absent fields are unchanged. False if the account has no extension of this name. */
export async function updateExtension(
  connection: Connection,
  accountId: AccountId,
  name: string,
  { type, description, tags, resourceGroup }: ExtensionChanges,
): Promise<boolean> {
  const { rows } = await sql`
    update extensions set
      type = coalesce(${type ?? null}, type),
      description = coalesce(${description ?? null}, description),
      tags = coalesce(${tags ? JSON.stringify(tags) : null}::jsonb, tags),
      resource_group = coalesce(${resourceGroup ?? null}, resource_group)
    where account_id = ${accountId} and name = ${name}
    returning id
  `.execute(connection)
  return rows.length === 1
}

/** With all its versions. Its name is kept while instances have it installed. */
export async function deleteExtensionRow(connection: Connection, accountId: AccountId, id: ExtensionId): Promise<void> {
  await sql`
    with gone as (delete from extensions where account_id = ${accountId} and id = ${id} returning id, account_id, name)
    insert into deleted_extensions (extension_id, account_id, name)
    select id, account_id, name from gone where exists (select 1 from installed_states s where s.extension_id = gone.id)
  `.execute(connection)
}

/**
 * A deleted extension that instances of the account still have installed, by its name (the most
 * recent one of that name) or its id.
 */
export async function getDeletedExtension(
  connection: Connection,
  accountId: AccountId,
  nameOrId: string,
): Promise<{ id: ExtensionId; name: string } | undefined> {
  const { rows } = await sql<{ id: ExtensionId; name: string }>`
    select extension_id as id, name from deleted_extensions d
    where account_id = ${accountId} and (name = ${nameOrId} or extension_id = ${nameOrId})
      and exists (select 1 from installed_states s where s.extension_id = d.extension_id and s.account_id = ${accountId})
    order by deleted_at desc
    limit 1
  `.execute(connection)
  return rows[0]
}

/** The instances and executions that prevent the deletion of an extension or of one version. */
export interface ExtensionUse {
  readonly instanceCount: number
  /** The first five, by id. */
  readonly instanceIds: readonly InstanceId[]
  readonly executionCount: number
  readonly executionIds: readonly ExecutionId[]
}

/**
 * Instances of any account that have it installed (a version can be public), and executions of it
 * that have not ended.
 */
export async function getExtensionUse(
  connection: Connection,
  id: ExtensionId,
  version?: number,
): Promise<ExtensionUse> {
  const ofVersion = version === undefined ? sql`` : sql`and version = ${version}`
  const ofOperation = version === undefined ? sql`` : sql`and (operation ->> 'version')::int = ${version}`
  const { rows } = await sql<ExtensionUse>`
    with i as materialized (select instance_id from installed_states where extension_id = ${id} ${ofVersion}),
    e as materialized (
      select id from executions where extension_id = ${id} and ended_at is null ${ofOperation}
      union
      select x.id from execution_parts p join executions x on x.id = p.execution_id and x.ended_at is null
      where p.extension_id = ${id} ${ofVersion}
    )
    select
      (select count(*) from i) as "instanceCount",
      array(select instance_id from i order by 1 limit 5) as "instanceIds",
      (select count(*) from e) as "executionCount",
      array(select id from e order by 1 limit 5) as "executionIds"
  `.execute(connection)
  return rows[0]!
}

/**
 * `latest_version` in the table counts all versions ever created; the latest version is the highest
 * existing one.
 */
const columns = sql`
  e.id, e.name, e.type, e.description, e.created_at as "createdAt", e.updated_at as "updatedAt",
  e.tags, e.resource_group as "resourceGroup", e.created_by as "createdBy", e.updated_by as "updatedBy",
  (select max(v.version) from extension_versions v where v.extension_id = e.id) as "latestVersion"`
