import { sql } from 'kysely'
import type { Configuration, ExtensionType, ExtensionVersion, Scope } from '../../core/extension/extension.ts'
import type { AccountId, ExtensionId } from '../../core/id.ts'
import type { Connection } from '../database/database.ts'

export interface ExtensionVersionRow extends ExtensionVersion {
  readonly createdAt: Date
}

/** A version as clients of OOS see it; see the columns. */
export interface VersionContent {
  readonly text: string
  readonly format: 'JSON' | 'YAML'
  /** Of the text, in lower-case hex. */
  readonly sha256: string
  readonly description: string
}

/**
 * A page of versions contains at most this much (they include scripts), but at least one version.
 */
const maxPageBytes = 8 * 1024 * 1024

export async function insertExtensionVersion(
  connection: Connection,
  accountId: AccountId,
  version: Omit<ExtensionVersionRow, 'extensionName' | 'deprecated'> & {
    readonly createdBy: string
    readonly content: VersionContent
    /** The bytes that a publisher signs. */
    readonly canonical: string
  },
): Promise<void> {
  const { content } = version
  await sql`
    insert into extension_versions
      (extension_id, version, account_id, version_description, scope, parameters, configurations, created_at, created_by,
        content, content_format, content_sha256, content_description, canonical)
    values (${version.extensionId}, ${version.version}, ${accountId}, ${version.versionDescription}, ${JSON.stringify(version.scope)},
      ${JSON.stringify(version.parameters)}, ${JSON.stringify(version.configurations)}, ${version.createdAt}, ${version.createdBy},
      ${content.text}, ${content.format}, ${content.sha256}, ${content.description}, ${version.canonical})
  `.execute(connection)
}

/** Undefined if there is no such version. */
export async function getExtensionVersion(
  connection: Connection,
  accountId: AccountId,
  extensionId: ExtensionId,
  version: number,
): Promise<ExtensionVersionRow | undefined> {
  const { rows } = await sql<ExtensionVersionRow>`
    select ${columns} from extension_versions v join extensions e on e.id = v.extension_id
    where v.account_id = ${accountId} and v.extension_id = ${extensionId} and v.version = ${version}
  `.execute(connection)
  return rows[0]
}

/** Versions with braces in their configurations, whose scripts may contain placeholders. */
export async function listTemplatedVersions(
  connection: Connection,
  accountId: AccountId,
  extensionId: ExtensionId,
): Promise<Pick<ExtensionVersion, 'version' | 'parameters' | 'configurations'>[]> {
  const { rows } = await sql<Pick<ExtensionVersion, 'version' | 'parameters' | 'configurations'>>`
    select version, parameters, configurations from extension_versions
    where account_id = ${accountId} and extension_id = ${extensionId} and configurations::text like '%{{%'
  `.execute(connection)
  return rows
}

/** The newest version that is not deprecated. */
export async function getNewestInstallableVersion(
  connection: Connection,
  accountId: AccountId,
  extensionId: ExtensionId,
): Promise<ExtensionVersionRow | undefined> {
  const { rows } = await sql<ExtensionVersionRow>`
    select ${columns} from extension_versions v join extensions e on e.id = v.extension_id
    where v.account_id = ${accountId} and v.extension_id = ${extensionId} and v.deprecated_at is null
    order by v.version desc
    limit 1
  `.execute(connection)
  return rows[0]
}

/**
 * An extension with the data that decides whether its newest installable version is for an
 * instance; without scripts.
 */
export interface NewestVersion {
  readonly extensionId: ExtensionId
  readonly extensionName: string
  readonly type: ExtensionType
  readonly description: string
  /** Null if every version is deprecated. */
  readonly newest: {
    readonly version: number
    readonly scope: Scope
    readonly configurations: readonly Pick<Configuration, 'id' | 'os' | 'arch' | 'platforms'>[]
  } | null
}

/** By name, after `after`; filtered by a case-insensitive substring of the name. */
export async function listNewestVersions(
  connection: Connection,
  accountId: AccountId,
  { after = '', text = '', limit }: { after?: string | undefined; text?: string | undefined; limit: number },
): Promise<NewestVersion[]> {
  const { rows } = await sql<NewestVersion>`
    select e.id as "extensionId", e.name as "extensionName", e.type, e.description, newest.version as newest
    from extensions e
    left join lateral (
      select jsonb_build_object('version', v.version, 'scope', v.scope, 'configurations', (
        select jsonb_agg(c - 'scripts' - 'artifact' - 'verify' - 'run' order by place)
        from jsonb_array_elements(v.configurations) with ordinality as one (c, place)
      )) as version
      from extension_versions v
      where v.extension_id = e.id and v.account_id = ${accountId} and v.deprecated_at is null
      order by v.version desc
      limit 1
    ) newest on true
    where e.account_id = ${accountId} and e.name > ${after} and position(lower(${text}) in lower(e.name)) > 0
    order by e.name
    limit ${limit}
  `.execute(connection)
  return rows
}

/**
 * Newest first, before `before`. May be shorter than `limit` if versions are large; only an empty
 * page is the last.
 */
export async function listExtensionVersions(
  connection: Connection,
  accountId: AccountId,
  extensionId: ExtensionId,
  { before = 2 ** 31 - 1, limit }: { before?: number | undefined; limit: number },
): Promise<ExtensionVersionRow[]> {
  const { rows } = await sql<ExtensionVersionRow>`
    with newest as (
      select version, configurations from extension_versions
      where account_id = ${accountId} and extension_id = ${extensionId} and version < ${before}
      order by version desc
      limit ${limit}
    ), page as (
      select version, sum(length(configurations::text)) over down as bytes, row_number() over down as place
      from newest
      window down as (order by version desc)
    )
    select ${columns} from extension_versions v join extensions e on e.id = v.extension_id
    where v.extension_id = ${extensionId}
      and v.version in (select version from page where bytes <= ${maxPageBytes} or place = 1)
    order by v.version desc
  `.execute(connection)
  return rows
}

export async function countExtensionVersions(
  connection: Connection,
  accountId: AccountId,
  extensionId: ExtensionId,
): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from extension_versions where account_id = ${accountId} and extension_id = ${extensionId}
  `.execute(connection)
  return rows[0]!.count
}

/**
 * `deprecatedAt` null removes the deprecation. A version that is deprecated already keeps its time.
 * False if there is no such version.
 */
export async function updateDeprecated(
  connection: Connection,
  accountId: AccountId,
  extensionId: ExtensionId,
  version: number,
  deprecatedAt: Date | null,
): Promise<boolean> {
  const { rows } = await sql`
    update extension_versions
    set deprecated_at = ${deprecatedAt === null ? sql`null` : sql`coalesce(deprecated_at, ${deprecatedAt})`}
    where account_id = ${accountId} and extension_id = ${extensionId} and version = ${version}
    returning version
  `.execute(connection)
  return rows.length === 1
}

export async function deleteExtensionVersion(
  connection: Connection,
  accountId: AccountId,
  extensionId: ExtensionId,
  version: number,
): Promise<void> {
  await sql`
    delete from extension_versions
    where account_id = ${accountId} and extension_id = ${extensionId} and version = ${version}
  `.execute(connection)
}

const columns = sql`
  v.extension_id as "extensionId", e.name as "extensionName", v.version, v.version_description as "versionDescription",
  v.deprecated_at is not null as deprecated, v.scope, v.parameters, v.configurations, v.created_at as "createdAt"`
