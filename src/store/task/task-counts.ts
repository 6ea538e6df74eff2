import { sql } from 'kysely'
import type { TaskReasonCode, TaskStatus } from '../../core/execution/execution.ts'
import type { TaskCount } from '../../core/execution/task-counts.ts'
import type { ExecutionId } from '../../core/id.ts'
import type { Connection } from '../database/database.ts'

/** The counters of some executions, per batch, status and reason; rows that came down to 0 are left out. */
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

/** Counts the tasks of a new execution. */
export async function insertTaskCounts(connection: Connection, executionId: ExecutionId): Promise<void> {
  await sql`
    insert into task_counts (execution_id, batch, status, reason_code, n)
    select execution_id, batch, status, reason_code, count(*)
    from task_executions
    where execution_id = ${executionId}
    group by execution_id, batch, status, reason_code
  `.execute(connection)
}
