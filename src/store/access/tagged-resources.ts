import { sql } from 'kysely'
import type { AccountId } from '../../core/id.ts'
import type { Tags } from '../../core/instance/tags.ts'
import type { Connection } from '../database/database.ts'

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
    resourceIds,
    tags = {},
    after = ['', ''],
    limit,
  }: {
    readonly resourceIds?: readonly string[] | undefined
    readonly tags?: Tags | undefined
    readonly after?: readonly [resourceId: string, key: string] | undefined
    readonly limit: number
  },
): Promise<ResourceTag[]> {
  const named = resourceIds === undefined ? sql`true` : sql`r.id = any(${resourceIds})`
  const { rows } = await sql<ResourceTag>`
    select r.id as "resourceId", t.key, t.value
    from ${resources[kind]} r, jsonb_each_text(r.tags) t
    where r.account_id = ${accountId} and ${named} and r.tags @> ${JSON.stringify(tags)}::jsonb
      and r.id collate "C" >= ${after[0]} and (r.id collate "C", t.key collate "C") > (${after[0]}, ${after[1]})
    order by r.id collate "C", t.key collate "C"
    limit ${limit}
  `.execute(connection)
  return rows
}

/** Distinct keys, ordered by code point. */
export const listResourceTagKeys = (
  connection: Connection,
  accountId: AccountId,
  kinds: readonly TaggedKind[],
  page: { readonly after?: string | undefined; readonly limit: number },
) => listDistinct(connection, accountId, kinds, sql`t.key`, sql`true`, page)

/** Distinct values of one key, ordered by code point. */
export const listResourceTagValues = (
  connection: Connection,
  accountId: AccountId,
  kinds: readonly TaggedKind[],
  key: string | undefined,
  page: { readonly after?: string | undefined; readonly limit: number },
) => listDistinct(connection, accountId, kinds, sql`t.value`, key === undefined ? sql`true` : sql`t.key = ${key}`, page)

async function listDistinct(
  connection: Connection,
  accountId: AccountId,
  kinds: readonly TaggedKind[],
  text: ReturnType<typeof sql>,
  condition: ReturnType<typeof sql>,
  { after, limit }: { readonly after?: string | undefined; readonly limit: number },
): Promise<string[]> {
  const beyond = after === undefined ? sql`true` : sql`${text} collate "C" > ${after}`
  const parts = kinds.map(
    (kind) => sql`
      select ${text} collate "C" as text from ${resources[kind]} r, jsonb_each_text(r.tags) t
      where r.account_id = ${accountId} and ${condition} and ${beyond}`,
  )
  const { rows } = await sql<{ text: string }>`
    select distinct text from (${sql.join(parts, sql` union all `)}) as used order by text limit ${limit}
  `.execute(connection)
  return rows.map((row) => row.text)
}

const resources = {
  template: sql`(select account_id, name as id, tags from extensions)`,
  execution: sql`(select account_id, id, tags from executions where deleted_at is null)`,
}
