import { type RawBuilder, sql } from 'kysely'
import type { ObjectFilter } from '../../core/access/object-filter.ts'
import type { AccountId } from '../../core/id.ts'
import type { InstanceStatus } from '../../core/instance/instance.ts'
import type { FilterToken } from '../../core/instance/instance-filter.ts'
import type { ResolvedTargets } from '../../core/plan/targets.ts'
import { permittedCondition } from '../access/object-labels.ts'
import type { Connection } from '../database/database.ts'
import { isApproved, likeAnywhere, statusCondition, targetsCondition, tokenCondition } from './instance-conditions.ts'
import { type InstanceRow, instanceIsPresent, isOnline, type SelectedInstance, selectedInstance } from './instances.ts'

/** Absent fields do not restrict the result; all given conditions must hold. */
export interface InstanceListFilter {
  readonly accountId: AccountId
  /** The instances that the reader may see; absent: all. */
  readonly permitted?: ObjectFilter | undefined
  readonly targets?: ResolvedTargets | undefined
  readonly status?: InstanceStatus | undefined
  /** Excludes instances that wait for approval. */
  readonly withoutPending?: boolean | undefined
  /** A case-insensitive substring of the name. */
  readonly name?: string | undefined
  readonly tokens?: readonly FilterToken[] | undefined
  /** A case-insensitive substring of the name, or an id, host name or address. */
  readonly search?: string | undefined
}

/** The sort order of a list of instances. */
export interface InstanceOrder {
  readonly by: 'name' | 'status' | 'lastSeen' | 'enrolled'
  readonly ascending: boolean
}

/** A row's position in a sort order: the values of the sort columns, its id last. */
export type InstancePlace = readonly (string | number)[]
export type PlacedInstance = InstanceRow & { readonly place: InstancePlace }

export interface InstanceRowPage {
  readonly order: InstanceOrder
  /** The rows after or before a position. */
  readonly beyond?: { readonly place: InstancePlace; readonly direction: 'after' | 'before' } | undefined
  readonly limit: number
}

/**
 * A sorted page. The rows are selected from the index instances_by_name as far as its columns
 * suffice; whole rows are read for the page only.
 */
export async function listInstanceRows(
  connection: Connection,
  filter: InstanceListFilter,
  { order, beyond, limit }: InstanceRowPage,
): Promise<PlacedInstance[]> {
  const columns = orderColumns[order.by]
  const backward = beyond?.direction === 'before'
  const ascending = order.ascending !== backward
  const comparison = ascending ? sql`>` : sql`<`
  const names = columns.map((_, index) => sql.ref(`p${index}`))
  const within = [
    ...conditionsOf(filter),
    ...(beyond ? [sql`(${sql.join(columns)}) ${comparison} (${sql.join(placeValues(order, beyond.place))})`] : []),
  ]
  const direction = ascending ? sql`asc` : sql`desc`
  const { rows } = await sql<SelectedInstance & { place: InstancePlace }>`
    with page as materialized (
      select i.id, ${sql.join(columns.map((column, index) => sql`${column} as ${names[index]}`))}
      from instances i
      where ${sql.join(within, sql` and `)}
      order by ${sql.join(columns.map((column) => sql`${column} ${direction}`))}
      limit ${limit}
    )
    select ${selectedInstance}, jsonb_build_array(${sql.join(names)}) as place
    from page join instances i on i.id = page.id
    order by ${sql.join(names.map((name) => sql`${name} ${direction}`))}
  `.execute(connection)
  const placed = rows.map(({ place, ...row }) => ({ ...instanceIsPresent(row), place }))
  return backward ? placed.toReversed() : placed
}

/** Counts instances, up to `most`. */
export async function countFilteredInstances(
  connection: Connection,
  filter: InstanceListFilter,
  most: number,
): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*) as n from (
      select from instances i where ${sql.join(conditionsOf(filter), sql` and `)} limit ${most}
    ) counted
  `.execute(connection)
  return rows[0]?.n ?? 0
}

/** Microseconds since 1970, because a Date only has milliseconds. */
const micros = (at: RawBuilder<unknown>) => sql`(extract(epoch from ${at}) * 1000000)::bigint`
/** Later than any instant and earlier than any, below 2^53. */
const [now, never] = [sql.lit(9e15), sql.lit(-9e15)]

const orderColumns: Readonly<Record<InstanceOrder['by'], readonly RawBuilder<unknown>[]>> = {
  name: [sql`i.name`, sql`i.id`],
  status: [sql`${isOnline}::int`, sql`i.name`, sql`i.id`],
  // A connected instance counts as seen now.
  lastSeen: [
    sql`case when ${isOnline} then ${now}::bigint when i.last_seen_at is null then ${never}::bigint else ${micros(sql`i.last_seen_at`)} end`,
    sql`i.id`,
  ],
  enrolled: [micros(sql`i.enrolled_at`), sql`i.id`],
}

const placeTypes: Readonly<Record<InstanceOrder['by'], readonly RawBuilder<unknown>[]>> = {
  name: [sql`text`, sql`text`],
  status: [sql`int`, sql`text`, sql`text`],
  lastSeen: [sql`bigint`, sql`text`],
  enrolled: [sql`bigint`, sql`text`],
}

const placeValues = ({ by }: InstanceOrder, place: InstancePlace) =>
  placeTypes[by].map((type, index) => sql`${place[index]}::${type}`)

/** The conditions of a filter on the table `instances i`. */
export function conditionsOf(filter: InstanceListFilter): RawBuilder<boolean>[] {
  const { accountId, permitted, targets, status, withoutPending, name, tokens = [], search } = filter
  const isPermitted = permittedCondition('instance', permitted)
  return [
    sql<boolean>`i.account_id = ${accountId}`,
    sql<boolean>`i.removed_at is null`,
    ...(isPermitted ? [isPermitted] : []),
    ...(targets ? [targetsCondition(accountId, targets)] : []),
    ...(status ? [statusCondition(status)] : []),
    ...(withoutPending ? [isApproved] : []),
    ...(name ? [sql<boolean>`i.name ilike ${likeAnywhere(name)}`] : []),
    ...tokens.map((token) => tokenCondition(accountId, token)),
    ...(search ? [sql<boolean>`i.search_text like lower(${likeAnywhere(search)})`] : []),
  ]
}
