import { type RawBuilder, sql } from 'kysely'
import type { TaskStatus } from '../core/execution.ts'
import type { ExecutionId } from '../core/id.ts'
import type { Connection } from './database.ts'
import type { TaskRow } from './task-executions.ts'

export interface TaskSelection {
  readonly status?: TaskStatus | undefined
  readonly ordinal?: number | undefined
  readonly startedAfter?: Date | undefined
  readonly startedBefore?: Date | undefined
  readonly endedAfter?: Date | undefined
  readonly endedBefore?: Date | undefined
  /** Those that have begun or ended: of the others there is nothing to tell. */
  readonly begun?: boolean | undefined
}

export interface TaskOrder {
  /** `ordinal` is the order in which tasks start, unless a person chooses. */
  readonly by: 'ordinal' | 'ended' | 'status'
  readonly ascending: boolean
}

/** A row's place in an order; `key` is its status or the instant of its end, and absent if it is ordered by ordinal. */
export interface TaskPlace {
  readonly key?: string | Date | undefined
  readonly ordinal: number
}

/** A page of an execution's tasks: after a place, in an order; what has not ended counts as ending last. */
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
    select * from task_executions
    where ${sql.join(conditions, sql` and `)}
    order by ${sql.join(columns.map((column) => sql`${column} ${direction}`))}
    limit ${limit}
  `.execute(connection)
  return rows
}

const orderColumns: Readonly<Record<TaskOrder['by'], readonly RawBuilder<unknown>[]>> = {
  ordinal: [sql`ordinal`],
  // To the millisecond: what clients hand back in tokens.
  ended: [sql`coalesce(date_trunc('milliseconds', ended_at), 'infinity')`, sql`ordinal`],
  status: [sql`status`, sql`ordinal`],
}

function placeValues({ by }: TaskOrder, { key, ordinal }: TaskPlace): readonly unknown[] {
  switch (by) {
    case 'ordinal':
      return [ordinal]
    case 'ended':
      return [key ?? sql`'infinity'::timestamptz`, ordinal]
    case 'status':
      return [key, ordinal]
  }
}

function conditionsOf(selection: TaskSelection): RawBuilder<unknown>[] {
  const { status, ordinal, startedAfter, startedBefore, endedAfter, endedBefore, begun } = selection
  return [
    ...(status === undefined ? [] : [sql`status = ${status}`]),
    ...(ordinal === undefined ? [] : [sql`ordinal = ${ordinal}`]),
    ...(startedAfter ? [sql`started_at >= ${startedAfter}`] : []),
    ...(startedBefore ? [sql`started_at <= ${startedBefore}`] : []),
    ...(endedAfter ? [sql`ended_at >= ${endedAfter}`] : []),
    ...(endedBefore ? [sql`ended_at <= ${endedBefore}`] : []),
    ...(begun ? [sql`(started_at is not null or ended_at is not null)`] : []),
  ]
}
