import { type RawBuilder, sql } from 'kysely'
import type { Extension, Scope } from '../../core/extension/extension.ts'
import type { AccountId } from '../../core/id.ts'
import type { Connection } from '../database/database.ts'
import type { TemplateReader } from './favorite-templates.ts'

/** An extension with one of its versions, as clients of OOS see them: without scripts. */
export interface TemplateRow extends Pick<Extension, 'id' | 'name'> {
  readonly tags: Readonly<Record<string, string>>
  readonly resourceGroup: string
  readonly createdAt: Date
  readonly createdBy: string
  readonly updatedAt: Date
  readonly updatedBy: string
  readonly executionCount: number
  readonly version: number
  readonly versionDescription: string
  readonly versionCreatedAt: Date
  readonly versionCreatedBy: string
  readonly scope: Scope
  readonly format: 'JSON' | 'YAML'
  readonly sha256: string
  readonly description: string
}

export interface ListedTemplateRow extends TemplateRow {
  /** For the requesting user. */
  readonly isFavorite: boolean
}

export interface TemplateFilter {
  /** A case-insensitive substring. */
  readonly name?: string | undefined
  /** All of these tags. */
  readonly tags?: Readonly<Record<string, string>> | undefined
  readonly resourceGroup?: string | undefined
  readonly createdBy?: string | undefined
  /** Inclusive. */
  readonly createdFrom?: Date | undefined
  readonly createdTo?: Date | undefined
  /** Of the newest version. */
  readonly format?: 'JSON' | 'YAML' | undefined
  readonly isFavorite?: boolean | undefined
}

/** `popularity` is -1 for all, as OOS has it for private templates: the order is by name. */
export type TemplateSort = 'executionCount' | 'popularity' | 'name' | 'createdAt' | 'updatedAt'

export interface TemplatePage {
  readonly sort: TemplateSort
  readonly descending: boolean
  /**
   * The position of the last row of the previous page: its sort value (an instant as ISO text) and
   * its name.
   */
  readonly after?: readonly [value: string | number, name: string] | undefined
  readonly limit: number
}

/** Extensions with their newest versions. Equal values are ordered by name, by code point. */
export async function listTemplateRows(
  connection: Connection,
  reader: TemplateReader,
  filter: TemplateFilter,
  { sort, descending, after, limit }: TemplatePage,
): Promise<ListedTemplateRow[]> {
  const { value, type } = sorts[sort]
  const direction = descending ? sql`desc` : sql`asc`
  const beyond = descending ? sql`<` : sql`>`
  const conditions = [
    sql`e.account_id = ${reader.accountId}`,
    ...conditionsOf(filter),
    ...(filter.isFavorite === undefined ? [] : [sql`${isFavorite(reader)} = ${filter.isFavorite}`]),
    ...(after ? [sql`(${value}, e.name collate "C") ${beyond} (${after[0]}::${type}, ${after[1]})`] : []),
  ]
  const { rows } = await sql<ListedTemplateRow>`
    select ${columns}, ${isFavorite(reader)} as "isFavorite" from ${tables} and v.version = (${newest})
    where ${sql.join(conditions, sql` and `)}
    order by ${value} ${direction}, e.name collate "C" ${direction}
    limit ${limit}
  `.execute(connection)
  return rows
}

/** One version of an extension with its content; the newest unless `version` is given. */
export async function getTemplateRow(
  connection: Connection,
  accountId: AccountId,
  name: string,
  version?: number,
): Promise<(TemplateRow & { readonly content: string }) | undefined> {
  const { rows } = await sql<TemplateRow & { content: string }>`
    select ${columns}, coalesce(v.content, '') as content from ${tables} and v.version = ${version ?? sql`(${newest})`}
    where e.account_id = ${accountId} and e.name = ${name}
  `.execute(connection)
  return rows[0]
}

/** Newest first, before `before`. */
export async function listTemplateVersionRows(
  connection: Connection,
  accountId: AccountId,
  name: string,
  { before = 2 ** 31 - 1, limit }: { readonly before?: number | undefined; readonly limit: number },
): Promise<TemplateRow[]> {
  const { rows } = await sql<TemplateRow>`
    select ${columns} from ${tables}
    where e.account_id = ${accountId} and e.name = ${name} and v.version < ${before}
    order by v.version desc
    limit ${limit}
  `.execute(connection)
  return rows
}

function conditionsOf(filter: TemplateFilter): RawBuilder<unknown>[] {
  const { name, tags, resourceGroup, createdBy, createdFrom, createdTo, format } = filter
  return [
    ...(name === undefined ? [] : [sql`strpos(lower(e.name), lower(${name})) > 0`]),
    ...(tags === undefined ? [] : [sql`e.tags @> ${JSON.stringify(tags)}::jsonb`]),
    ...(resourceGroup === undefined ? [] : [sql`e.resource_group = ${resourceGroup}`]),
    ...(createdBy === undefined ? [] : [sql`e.created_by = ${createdBy}`]),
    ...(createdFrom === undefined ? [] : [sql`e.created_at >= ${createdFrom}`]),
    ...(createdTo === undefined ? [] : [sql`e.created_at <= ${createdTo}`]),
    ...(format === undefined ? [] : [sql`v.content_format = ${format}`]),
  ]
}

const started = sql`coalesce(c.started, 0)`
const sorts: Readonly<Record<TemplateSort, { value: RawBuilder<unknown>; type: RawBuilder<unknown> }>> = {
  executionCount: { value: started, type: sql`bigint` },
  popularity: { value: sql`(-1)::bigint`, type: sql`bigint` },
  name: { value: sql`e.name collate "C"`, type: sql`text` },
  createdAt: { value: sql`e.created_at`, type: sql`timestamptz` },
  updatedAt: { value: sql`e.updated_at`, type: sql`timestamptz` },
}

const isFavorite = ({ accountId, userName }: TemplateReader) => sql<boolean>`exists (
  select 1 from favorite_templates f
  where f.account_id = ${accountId} and f.template_name = e.name and f.user_name = ${userName}
)`
const newest = sql`select max(n.version) from extension_versions n where n.extension_id = e.id`
const tables = sql`
  extensions e left join extension_execution_counts c on c.extension_id = e.id
  join extension_versions v on v.extension_id = e.id`
const columns = sql`
  e.id, e.name, e.tags, e.resource_group as "resourceGroup", e.created_at as "createdAt", e.created_by as "createdBy",
  e.updated_at as "updatedAt", e.updated_by as "updatedBy", ${started} as "executionCount", v.version,
  v.version_description as "versionDescription", v.created_at as "versionCreatedAt", v.created_by as "versionCreatedBy",
  v.scope, coalesce(v.content_format, 'JSON') as format, coalesce(v.content_sha256, '') as sha256,
  v.content_description as description`
