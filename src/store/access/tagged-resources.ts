import { sql } from 'kysely'
import type { ObjectFilter } from '../../core/access/object-filter.ts'
import type { AccountId } from '../../core/id.ts'
import type { Tags } from '../../core/instance/tags.ts'
import type { Connection } from '../database/database.ts'
import { andCondition, permittedCondition } from './object-labels.ts'

/** Taggable resources of the OOS API: extensions by name, executions by id. */
export const taggedKinds = ['template', 'execution'] as const
export type TaggedKind = (typeof taggedKinds)[number]

export interface ResourceTag {
  readonly resourceId: string
  readonly key: string
  readonly value: string
}

/**
 * Tags of resources, one per row, ordered by resource and key. @param tags that a resource must
 * have
 */
export async function listResourceTagRows(
  connection: Connection,
  accountId: AccountId,
  kind: TaggedKind,
  {
    permitted,
    resourceIds,
    tags = {},
    after = ['', ''],
    limit,
  }: {
    /** The executions that the reader may see. */
    readonly permitted: ObjectFilter
    readonly resourceIds?: readonly string[] | undefined
    readonly tags?: Tags | undefined
    readonly after?: readonly [resourceId: string, key: string] | undefined
    readonly limit: number
  },
): Promise<ResourceTag[]> {
  const named = resourceIds === undefined ? sql`true` : sql`r.id = any(${resourceIds})`
  const { rows } = await sql<ResourceTag>`
    select r.id as "resourceId", t.key, t.value
    from ${resourcesOf(kind, permitted)} r, jsonb_each_text(r.tags) t
    where r.account_id = ${accountId} and ${named} and r.tags @> ${JSON.stringify(tags)}::jsonb
      and r.id collate "C" >= ${after[0]} and (r.id collate "C", t.key collate "C") > (${after[0]}, ${after[1]})
    order by r.id collate "C", t.key collate "C"
    limit ${limit}
  `.execute(connection)
  return rows
}

interface TagPage {
  /** The executions that the reader may see. */
  readonly permitted: ObjectFilter
  readonly after?: string | undefined
  readonly limit: number
}

/** Distinct keys, ordered by code point. */
export const listResourceTagKeys = (
  connection: Connection,
  accountId: AccountId,
  kinds: readonly TaggedKind[],
  page: TagPage,
) => listDistinct(connection, accountId, kinds, sql`t.key`, sql`true`, page)

/** Distinct values of one key, ordered by code point. */
export const listResourceTagValues = (
  connection: Connection,
  accountId: AccountId,
  kinds: readonly TaggedKind[],
  key: string | undefined,
  page: TagPage,
) => listDistinct(connection, accountId, kinds, sql`t.value`, key === undefined ? sql`true` : sql`t.key = ${key}`, page)

async function listDistinct(
  connection: Connection,
  accountId: AccountId,
  kinds: readonly TaggedKind[],
  text: ReturnType<typeof sql>,
  condition: ReturnType<typeof sql>,
  { permitted, after, limit }: TagPage,
): Promise<string[]> {
  const beyond = after === undefined ? sql`true` : sql`${text} collate "C" > ${after}`
  const parts = kinds.map(
    (kind) => sql`
      select ${text} collate "C" as text from ${resourcesOf(kind, permitted)} r, jsonb_each_text(r.tags) t
      where r.account_id = ${accountId} and ${condition} and ${beyond}`,
  )
  const { rows } = await sql<{ text: string }>`
    select distinct text from (${sql.join(parts, sql` union all `)}) as used order by text limit ${limit}
  `.execute(connection)
  return rows.map((row) => row.text)
}

/** @param permitted the executions that the reader may see */
const resourcesOf = (kind: TaggedKind, permitted: ObjectFilter) =>
  kind === 'template'
    ? sql`(select account_id, name as id, tags from extensions)`
    : sql`(select account_id, id, tags from executions e where deleted_at is null
        ${andCondition(permittedCondition('execution', permitted))})`
