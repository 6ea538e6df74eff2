import { sql } from 'kysely'
import type { ObjectFilter } from '../../core/access/object-filter.ts'
import type { AccountId, InstanceId } from '../../core/id.ts'
import type { GroupSize } from '../../core/instance/group.ts'
import type { FilterToken } from '../../core/instance/instance-filter.ts'
import { andCondition, permittedCondition } from '../access/object-labels.ts'
import type { Connection } from '../database/database.ts'
import { isApproved, tokenCondition } from './instance-conditions.ts'
import { isOnline } from './instances.ts'

/** A saved group. */
export interface GroupRow {
  readonly name: string
  readonly description: string
  readonly filter: string
  /** What it matched at its last use. */
  readonly known: GroupSize
  readonly createdBy: string
  readonly createdAt: Date
  readonly updatedAt: Date
}

const columns = sql`name, description, filter, json_build_object('matching', known_matching, 'total', known_total) as known,
  created_by as "createdBy", created_at as "createdAt", updated_at as "updatedAt"`

/** The groups of an account, by name. */
export async function listGroupRows(connection: Connection, accountId: AccountId): Promise<GroupRow[]> {
  const { rows } = await sql<GroupRow>`
    select ${columns} from groups where account_id = ${accountId} order by name collate "C"
  `.execute(connection)
  return rows
}

/** Undefined if the account has no such group. */
export async function getGroupRow(
  connection: Connection,
  accountId: AccountId,
  name: string,
): Promise<GroupRow | undefined> {
  const { rows } = await sql<GroupRow>`
    select ${columns} from groups where account_id = ${accountId} and name = ${name}
  `.execute(connection)
  return rows[0]
}

/** False if the account has a group with this name. */
export async function insertGroup(
  connection: Connection,
  accountId: AccountId,
  { name, description, filter, known, createdBy }: Omit<GroupRow, 'createdAt' | 'updatedAt'>,
): Promise<boolean> {
  const { rows } = await sql`
    insert into groups (account_id, name, description, filter, known_matching, known_total, created_by)
    values (${accountId}, ${name}, ${description}, ${filter}, ${known.matching}, ${known.total}, ${createdBy})
    on conflict do nothing
    returning name
  `.execute(connection)
  return rows.length === 1
}

/** False if the account has no such group. */
export async function updateGroup(
  connection: Connection,
  accountId: AccountId,
  { name, description, filter, known }: Pick<GroupRow, 'name' | 'description' | 'filter' | 'known'>,
): Promise<boolean> {
  const { rows } = await sql`
    update groups set description = ${description}, filter = ${filter}, known_matching = ${known.matching},
      known_total = ${known.total}, updated_at = now()
    where account_id = ${accountId} and name = ${name}
    returning name
  `.execute(connection)
  return rows.length === 1
}

/** Records what a group matches at this use. */
export async function updateKnownSize(
  connection: Connection,
  accountId: AccountId,
  name: string,
  { matching, total }: GroupSize,
): Promise<void> {
  await sql`
    update groups set known_matching = ${matching}, known_total = ${total}
    where account_id = ${accountId} and name = ${name} and (known_matching, known_total) <> (${matching}, ${total})
  `.execute(connection)
}

/** False if the account has no such group. */
export async function deleteGroup(connection: Connection, accountId: AccountId, name: string): Promise<boolean> {
  const { rows } = await sql`
    delete from groups where account_id = ${accountId} and name = ${name} returning name
  `.execute(connection)
  return rows.length === 1
}

export async function countGroups(connection: Connection, accountId: AccountId): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from groups where account_id = ${accountId}
  `.execute(connection)
  return rows[0]?.count ?? 0
}

/** How many approved instances match conditions, and how many there are. */
export async function countMatching(
  connection: Connection,
  accountId: AccountId,
  tokens: readonly FilterToken[],
  permitted: ObjectFilter = 'all',
): Promise<GroupSize & { readonly offline: number }> {
  const matches = allTokens(accountId, tokens)
  const { rows } = await sql<GroupSize & { offline: number }>`
    select count(*) filter (where ${matches})::int as matching, count(*)::int as total,
      count(*) filter (where ${matches} and not ${isOnline})::int as offline
    ${approvedInstances(accountId, permitted)}
  `.execute(connection)
  return rows[0] ?? { matching: 0, total: 0, offline: 0 }
}

/** The approved instances that match conditions. */
export async function listMatchingIds(
  connection: Connection,
  accountId: AccountId,
  tokens: readonly FilterToken[],
): Promise<InstanceId[]> {
  const { rows } = await sql<{ id: InstanceId }>`
    select i.id ${approvedInstances(accountId, 'all')} and ${allTokens(accountId, tokens)}
  `.execute(connection)
  return rows.map(({ id }) => id)
}

/** `countMatching` for several lists of conditions, in one pass over the instances. */
export async function countEach(
  connection: Connection,
  accountId: AccountId,
  filters: readonly (readonly FilterToken[])[],
  permitted: ObjectFilter,
): Promise<{ readonly matching: number; readonly offline: number }[]> {
  if (filters.length === 0) return []
  const counts = filters.map((tokens) => {
    const matches = allTokens(accountId, tokens)
    return sql`json_build_object('matching', count(*) filter (where ${matches}),
      'offline', count(*) filter (where ${matches} and not ${isOnline}))`
  })
  const { rows } = await sql<{ counts: { matching: number; offline: number }[] }>`
    select json_build_array(${sql.join(counts)}) as counts ${approvedInstances(accountId, permitted)}
  `.execute(connection)
  return rows[0]?.counts ?? []
}

const approvedInstances = (accountId: AccountId, permitted: ObjectFilter) => sql`
  from instances i
  where i.account_id = ${accountId} and i.removed_at is null and ${isApproved}
    ${andCondition(permittedCondition('instance', permitted))}`

/** All conditions hold, on the table `instances i`; none: every instance. */
export const allTokens = (accountId: AccountId, tokens: readonly FilterToken[]) =>
  tokens.length === 0
    ? sql`true`
    : sql`(${sql.join(
        tokens.map((token) => tokenCondition(accountId, token)),
        sql` and `,
      )})`
