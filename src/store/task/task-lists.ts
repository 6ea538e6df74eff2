import { type RawBuilder, sql } from 'kysely'
import type { TaskReasonCode, TaskStatus } from '../../core/execution/execution.ts'
import type { ExecutionId } from '../../core/id.ts'
import { englishReasons } from '../../core/reason/english-reasons.ts'
import { findReasonCodes } from '../../core/reason/render-reason.ts'
import type { Connection } from '../database/database.ts'
import { likeAnywhere } from '../instance/instance-conditions.ts'
import type { TaskRow } from './task-executions.ts'
import { type CountedFailures, inFailureGroup } from './task-failures.ts'

/** The filter of a list of tasks; absent fields do not restrict it. */
export interface TaskSelection {
  readonly status?: TaskStatus | undefined
  /** One of these. */
  readonly statuses?: readonly TaskStatus[] | undefined
  readonly reasonCode?: TaskReasonCode | undefined
  readonly batch?: number | undefined
  readonly instanceId?: string | undefined
  readonly failure?: CountedFailures | undefined
  /** A case-insensitive substring of the instance's name or id, or of the reason. */
  readonly search?: string | undefined
  readonly ordinal?: number | undefined
  readonly startedAfter?: Date | undefined
  readonly startedBefore?: Date | undefined
  readonly endedAfter?: Date | undefined
  readonly endedBefore?: Date | undefined
  /** Tasks that have begun or ended; others have no history. */
  readonly begun?: boolean | undefined
}

/** The sort order of a list of tasks. */
export interface TaskOrder {
  /** `ordinal` is the order in which tasks start, unless an operator chooses. */
  readonly by: 'ordinal' | 'ended' | 'status' | 'duration'
  readonly ascending: boolean
}

/**
 * A row's position in a sort order; `key` is its status, the instant of its end or its duration,
 * absent if the order is by ordinal.
 */
export interface TaskPlace {
  readonly key?: string | Date | number | undefined
  readonly ordinal: number
}

/**
 * A page of an execution's tasks after a position in a sort order; tasks that have not ended sort
 * last by end.
 */
export async function listTaskPage(
  connection: Connection,
  executionId: ExecutionId,
  selection: TaskSelection,
  page: { readonly order: TaskOrder; readonly after?: TaskPlace | undefined; readonly limit: number },
): Promise<TaskRow[]> {
  const { order, after, limit } = page
  const columns = orderColumns[order.by]
  const direction = order.ascending ? sql`asc` : sql`desc`
  const comparison = order.ascending ? sql`>` : sql`<`
  const beyond = after && sql`(${sql.join(columns)}) ${comparison} (${sql.join(placeValues(order, after))})`
  const conditions = [sql`execution_id = ${executionId}`, ...conditionsOf(selection), ...(beyond ? [beyond] : [])]
  const { rows } = await sql<TaskRow>`
    select t.* from (
      select ordinal as place from task_executions
      where ${sql.join(conditions, sql` and `)}
      order by ${sql.join(columns.map((column) => sql`${column} ${direction}`))}
      limit ${limit}
    ) page
    join task_executions t on t.execution_id = ${executionId} and t.ordinal = page.place
    order by ${sql.join(columns.map((column) => sql`${column} ${direction}`))}
  `.execute(connection)
  return rows
}

const milliseconds = (column: string) => sql`date_trunc('milliseconds', ${sql.ref(column)})`
/** A task that never began sorts before every duration. */
const duration = sql`coalesce((extract(epoch from ${milliseconds('ended_at')} - ${milliseconds('started_at')}) * 1000)::bigint, -1)`

const orderColumns: Readonly<Record<TaskOrder['by'], readonly RawBuilder<unknown>[]>> = {
  ordinal: [sql`ordinal`],
  // To the millisecond, the precision of the tokens that clients return.
  ended: [sql`coalesce(${milliseconds('ended_at')}, 'infinity')`, sql`ordinal`],
  status: [sql`status`, sql`ordinal`],
  duration: [duration, sql`ordinal`],
}

function placeValues({ by }: TaskOrder, { key, ordinal }: TaskPlace): readonly unknown[] {
  switch (by) {
    case 'ordinal':
      return [ordinal]
    case 'ended':
      return [key ?? sql`'infinity'::timestamptz`, ordinal]
    case 'status':
    case 'duration':
      return [key, ordinal]
  }
}

function conditionsOf(selection: TaskSelection): RawBuilder<unknown>[] {
  const { statuses, reasonCode, batch, instanceId, failure, search } = selection
  const { status, ordinal, startedAfter, startedBefore, endedAfter, endedBefore, begun } = selection
  return [
    ...(status === undefined ? [] : [sql`status = ${status}`]),
    ...(statuses === undefined ? [] : [sql`status = any(${statuses})`]),
    ...(reasonCode === undefined ? [] : [sql`reason_code = ${reasonCode}`]),
    ...(batch === undefined ? [] : [sql`batch = ${batch}`]),
    ...(instanceId === undefined ? [] : [sql`instance_id = ${instanceId}`]),
    ...(failure === undefined ? [] : [inFailureGroup(failure)]),
    ...(search === undefined ? [] : [holdsText(search)]),
    ...(ordinal === undefined ? [] : [sql`ordinal = ${ordinal}`]),
    ...(startedAfter ? [sql`started_at >= ${startedAfter}`] : []),
    ...(startedBefore ? [sql`started_at <= ${startedBefore}`] : []),
    ...(endedAfter ? [sql`ended_at >= ${endedAfter}`] : []),
    ...(endedBefore ? [sql`ended_at <= ${endedBefore}`] : []),
    ...(begun ? [sql`(started_at is not null or ended_at is not null)`] : []),
  ]
}

function holdsText(text: string): RawBuilder<unknown> {
  const pattern = likeAnywhere(text)
  return sql`(instance_name ilike ${pattern} or instance_id ilike ${pattern} or reason ilike ${pattern} or exists (
    select from jsonb_array_elements(reason_messages) message
    where message ->> 'code' = any(${findReasonCodes(englishReasons, text)}) or exists (
      select from jsonb_each_text(message -> 'arguments') argument where argument.value ilike ${pattern}
    )
  ))`
}
