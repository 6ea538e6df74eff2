import { type RawBuilder, sql } from 'kysely'
import type { ObjectFilter } from '../../core/access/object-filter.ts'
import type { ExecutionStatus } from '../../core/execution/execution.ts'
import type { Operation } from '../../core/execution/operation.ts'
import type { ExecutionMode } from '../../core/execution/rate-control.ts'
import type { AccountId, ExecutionId } from '../../core/id.ts'
import type { Targets } from '../../core/plan/targets.ts'
import { permittedCondition } from '../access/object-labels.ts'
import type { Connection } from '../database/database.ts'
import { type NarrowExecutionRow, narrowColumns } from './executions.ts'

/** Absent fields do not restrict the result. */
export interface ExecutionFilter {
  readonly accountId: AccountId
  /** The executions that the reader may see; absent: all. */
  readonly permitted?: ObjectFilter | undefined
  readonly id?: string | undefined
  readonly status?: ExecutionStatus | undefined
  readonly mode?: ExecutionMode | undefined
  readonly extension?: string | undefined
  /** All of these tags. */
  readonly tags?: Readonly<Record<string, string>> | undefined
  readonly resourceGroup?: string | undefined
  readonly parentExecutionId?: string | undefined
  /** `root`: executions without a parent. `children`: those and their children. */
  readonly depth?: 'root' | 'children' | undefined
  readonly createdBy?: string | undefined
  /** A substring. */
  readonly description?: string | undefined
  /** A target of the execution. */
  readonly instanceId?: string | undefined
  /** Started from one of these templates; other executions match by the kind of their operation. */
  readonly templates?: { readonly names: readonly string[]; readonly kinds: readonly Operation['kind'][] } | undefined
  readonly ramRole?: string | undefined
  readonly createdAfter?: Date | undefined
  readonly createdBefore?: Date | undefined
  readonly endedAfter?: Date | undefined
  readonly endedBefore?: Date | undefined
}

/** The sort order of a list of executions. */
export interface ExecutionOrder {
  readonly by: 'created' | 'ended' | 'status'
  readonly ascending: boolean
}

/**
 * A row's position in a sort order; `key` is its status or the instant of its end, absent if the
 * order is by creation.
 */
export interface ExecutionPlace {
  readonly key?: string | Date | undefined
  readonly createdAt: Date
  readonly id: string
}

const newestFirst: ExecutionOrder = { by: 'created', ascending: false }

/**
 * A page of the account's executions after a position in a sort order; executions that have not
 * ended sort last by end.
 */
export async function listExecutionRows(
  connection: Connection,
  filter: ExecutionFilter,
  page: { readonly order?: ExecutionOrder; readonly after?: ExecutionPlace | undefined; readonly limit: number },
): Promise<NarrowExecutionRow[]> {
  const { order = newestFirst, after, limit } = page
  const columns = orderColumns[order.by]
  const direction = order.ascending ? sql`asc` : sql`desc`
  const comparison = order.ascending ? sql`>` : sql`<`
  const beyond = after && sql`(${sql.join(columns)}) ${comparison} (${sql.join(placeValues(order, after))})`
  const { rows } = await sql<NarrowExecutionRow>`
    select ${sql.join(narrowColumns.map((name) => sql.ref(name)))} from executions e
    where ${sql.join([...conditionsOf(filter), ...(beyond ? [beyond] : [])], sql` and `)}
    order by ${sql.join(columns.map((column) => sql`${column} ${direction}`))}
    limit ${limit}
  `.execute(connection)
  return rows
}

/** Counts the executions that match a filter. */
export async function countExecutions(connection: Connection, filter: ExecutionFilter): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from executions e where ${sql.join(conditionsOf(filter), sql` and `)}
  `.execute(connection)
  return rows[0]?.n ?? 0
}

export interface AskedFor {
  readonly origin: object | null
  /** Absent if their text exceeds the requested limit. */
  readonly targets: Targets | null
}

/** The original requests of executions, with at most the given bytes of targets each. */
export async function listAskedFor(
  connection: Connection,
  accountId: AccountId,
  ids: readonly ExecutionId[],
  maxTargetsLength: number,
): Promise<Map<ExecutionId, AskedFor>> {
  const { rows } = await sql<AskedFor & { id: ExecutionId }>`
    select id, origin, case when length(targets::text) <= ${maxTargetsLength} then targets end as targets
    from executions where account_id = ${accountId} and id = any(${ids})
  `.execute(connection)
  return new Map(rows.map(({ id, ...askedFor }) => [id, askedFor]))
}

const endedAt = sql`coalesce(ended_at, 'infinity')`

const orderColumns: Readonly<Record<ExecutionOrder['by'], readonly RawBuilder<unknown>[]>> = {
  created: [sql`created_at`, sql`id`],
  ended: [endedAt, sql`id`],
  status: [sql`status`, sql`created_at`, sql`id`],
}

function placeValues({ by }: ExecutionOrder, { key, createdAt, id }: ExecutionPlace): readonly unknown[] {
  switch (by) {
    case 'created':
      return [createdAt, id]
    case 'ended':
      return [key ?? sql`'infinity'::timestamptz`, id]
    case 'status':
      return [key, createdAt, id]
  }
}

/** Executions of this extension, alone or among others. */
const mentions = (accountId: AccountId, extension: string) =>
  sql<boolean>`(operation ->> 'extensionName' = ${extension} or id in (
    select execution_id from execution_parts where account_id = ${accountId} and extension_name = ${extension}
  ))`

/** A deleted parent counts as none. */
const hasParent = (execution: string) =>
  sql`exists (select from executions p where p.id = ${sql.ref(`${execution}.parent_execution_id`)} and p.deleted_at is null)`

const depthConditions = {
  root: sql<boolean>`not ${hasParent('e')}`,
  children: sql<boolean>`not exists (
    select from executions c where c.id = e.parent_execution_id and c.deleted_at is null and ${hasParent('c')}
  )`,
}

function conditionsOf(filter: ExecutionFilter): RawBuilder<boolean>[] {
  const { templates, tags, instanceId, description } = filter
  const isPermitted = permittedCondition('execution', filter.permitted)
  const equal = (column: string, value: unknown) =>
    value === undefined ? [] : [sql<boolean>`${sql.ref(column)} = ${value}`]
  const within = (column: RawBuilder<unknown>, after: Date | undefined, before: Date | undefined) => [
    ...(after ? [sql<boolean>`${column} >= ${after}`] : []),
    ...(before ? [sql<boolean>`${column} <= ${before}`] : []),
  ]
  return [
    ...equal('account_id', filter.accountId),
    sql<boolean>`deleted_at is null`,
    ...(isPermitted ? [isPermitted] : []),
    ...equal('id', filter.id),
    ...equal('status', filter.status),
    ...equal('mode', filter.mode),
    ...equal('resource_group', filter.resourceGroup),
    ...equal('parent_execution_id', filter.parentExecutionId),
    ...equal('created_by', filter.createdBy),
    ...(filter.depth === undefined ? [] : [depthConditions[filter.depth]]),
    ...(filter.extension === undefined ? [] : [mentions(filter.accountId, filter.extension)]),
    ...(filter.ramRole === undefined ? [] : [sql<boolean>`origin ->> 'ramRole' = ${filter.ramRole}`]),
    ...(tags === undefined ? [] : [sql<boolean>`tags @> ${JSON.stringify(tags)}::jsonb`]),
    ...(description === undefined ? [] : [sql<boolean>`position(${description} in description) > 0`]),
    ...(instanceId === undefined
      ? []
      : [
          sql<boolean>`exists (select from task_executions t where t.instance_id = ${instanceId} and t.execution_id = e.id)`,
        ]),
    ...(templates === undefined
      ? []
      : [
          sql<boolean>`(origin ->> 'templateName' = any(${templates.names})
            or (origin is null and operation ->> 'kind' = any(${templates.kinds})))`,
        ]),
    ...within(sql`created_at`, filter.createdAfter, filter.createdBefore),
    ...within(sql`ended_at`, filter.endedAfter, filter.endedBefore),
  ]
}
