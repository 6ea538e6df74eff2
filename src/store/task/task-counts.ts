import { sql } from 'kysely'
import type { TaskReasonCode, TaskStatus } from '../../core/execution/execution.ts'
import type { TaskCount } from '../../core/execution/task-counts.ts'
import type { ExecutionId } from '../../core/id.ts'
import type { Connection } from '../database/database.ts'

/** The counters of some executions, per batch, status and reason; rows with count 0 are omitted. */
export async function listTaskCounts(
  connection: Connection,
  executionIds: readonly ExecutionId[],
): Promise<Map<ExecutionId, TaskCount[]>> {
  const { rows } = await sql<{
    execution_id: ExecutionId
    batch: number
    status: TaskStatus
    reason_code: TaskReasonCode
    n: number
  }>`
    select execution_id, batch, status, reason_code, n
    from task_counts
    where execution_id = any(${executionIds}) and n <> 0
    order by execution_id, batch
  `.execute(connection)
  const counts = new Map<ExecutionId, TaskCount[]>(executionIds.map((id) => [id, []]))
  for (const row of rows) {
    counts
      .get(row.execution_id)
      ?.push({ batch: row.batch, status: row.status, reasonCode: row.reason_code, count: row.n })
  }
  return counts
}

/*
 * Every change of the status or the reason code of tasks is one statement with these parts, so that
 * counters cannot disagree with the rows: a CTE `before` with the old rows (`beforeMove`), a CTE
 * `moved` that updates them and returns both sides (`returningMove`), and `countMoves`. A rule
 * (test/rules/state-moves) checks every statement of the store.
 */

/** Columns of the CTE `before`, of the tasks `t` that are about to move. */
export const beforeMove = sql`t.execution_id, t.ordinal, t.status as old_status, t.reason_code as old_reason_code`

/** Columns that the CTE `moved` returns for tasks `t` that it updated from rows `b` of `before`. */
export const returningMove = sql`t.execution_id, t.ordinal, t.batch, t.account_id, b.old_status, b.old_reason_code, t.status, t.reason_code`

/**
 * Moves the counters from the old status and reason of each row of the CTE `moved` to the new ones,
 * always in the same order, which prevents deadlocks.
 */
export const countMoves = sql`
  insert into task_counts (execution_id, batch, status, reason_code, n)
  select execution_id, batch, status, reason_code, sum(n) from (
    select execution_id, batch, old_status as status, old_reason_code as reason_code, -1 as n from moved
    union all
    select execution_id, batch, status, reason_code, 1 from moved
  ) moves
  group by execution_id, batch, status, reason_code
  having sum(n) <> 0
  order by execution_id, batch, status, reason_code
  on conflict (execution_id, batch, status, reason_code) do update set n = task_counts.n + excluded.n`

/** Inserts the counters of a new execution. */
export async function insertTaskCounts(connection: Connection, executionId: ExecutionId): Promise<void> {
  await sql`
    insert into task_counts (execution_id, batch, status, reason_code, n)
    select execution_id, batch, status, reason_code, count(*)
    from task_executions
    where execution_id = ${executionId}
    group by execution_id, batch, status, reason_code
  `.execute(connection)
}
