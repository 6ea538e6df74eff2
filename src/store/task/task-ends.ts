import { sql } from 'kysely'
import { runningTaskStatuses, type TaskReasonCode, taskMoves } from '../../core/execution/execution.ts'
import { checkMove } from '../../core/execution/moves.ts'
import type { TaskEnd } from '../../core/execution/reconcile-execution.ts'
import type { ExecutionId, InstanceId } from '../../core/id.ts'
import type { Reason } from '../../core/reason/reason.ts'
import type { Connection } from '../database/database.ts'
import { buildReason, reasonOfRow, reasonValue, reasonValues } from '../database/stored-reason.ts'
import { countActivity } from './task-activity.ts'
import { beforeMove, countMoves, returningMove } from './task-counts.ts'

/** How a task ends. */
export interface TaskEndRow {
  readonly executionId: ExecutionId
  readonly ordinal: number
  readonly attempt: number
  readonly revision: number
  readonly status: 'Success' | 'Failed' | 'Cancelled'
  readonly reasonCode: TaskReasonCode
  readonly reason: Reason
  readonly exitCode: number | undefined
  readonly output: string | undefined
  /** The failure group of a failure with output (app/execution/note-failures.ts). */
  readonly failureKey?: string | undefined
}

/** The result of ending tasks. */
export interface EndedTasks {
  /**
   * `<execution id> <ordinal>` of the tasks that were running and are now ended; the others had
   * ended before.
   */
  readonly ended: ReadonlySet<string>
  /** Executions that waited for an instance whose lock is now free. */
  readonly freed: readonly ExecutionId[]
}

/** The key of a task in results of these functions. */
export const taskKey = (executionId: ExecutionId, ordinal: number) => `${executionId} ${ordinal}`

/** With several extensions: the message that names the part. */
const partReason = sql`case
  when t.parts is null or t.attempt = 0 then '[]'::jsonb
  else ${buildReason('Part', {
    number: sql`t.part + 1`,
    count: sql`jsonb_array_length(t.parts)`,
    extension: sql`t.parts -> t.part ->> 'extensionName'`,
  })}
end`

/**
 * Ends running tasks, updates the counters and releases the locks of their instances. The caller
 * holds the row locks of their executions.
 */
export async function endTasks(connection: Connection, ends: readonly TaskEndRow[]): Promise<EndedTasks> {
  if (ends.length === 0) return { ended: new Set(), freed: [] }
  for (const { status, executionId, ordinal } of ends)
    for (const before of runningTaskStatuses) checkMove(taskKey(executionId, ordinal), taskMoves, before, status)
  const { rows } = await sql<{ ended: string[] | null; instances: string[] | null; keys: string[] | null }>`
    with ends as (
      select * from unnest(
        ${ends.map((end) => end.executionId)}::text[], ${ends.map((end) => end.ordinal)}::int[],
        ${ends.map((end) => end.attempt)}::int[], ${ends.map((end) => end.revision)}::bigint[],
        ${ends.map((end) => end.status)}::text[], ${ends.map((end) => end.reasonCode)}::text[], ${reasonValues(ends.map((end) => end.reason))},
        ${ends.map((end) => end.exitCode ?? null)}::int[], ${ends.map((end) => end.output ?? null)}::text[],
        ${ends.map((end) => end.failureKey ?? '')}::text[]
      ) as e (execution_id, ordinal, attempt, revision, status, reason_code, reason_messages, exit_code, output, failure_key)
    ), before as (
      select ${beforeMove}, e.revision, e.status, e.reason_code, e.reason_messages, e.exit_code, e.output, e.failure_key
      from ends e join task_executions t on t.execution_id = e.execution_id and t.ordinal = e.ordinal and t.attempt = e.attempt
      where t.status = any(${runningTaskStatuses})
    ), moved as (
      update task_executions t
      set status = b.status, reason_code = b.reason_code, reason = '', reason_messages = ${partReason} || b.reason_messages, part_due = false, exit_code = b.exit_code, output = b.output,
          failure_key = b.failure_key,
          ended_at = now(), revision = b.revision
      from before b
      where t.execution_id = b.execution_id and t.ordinal = b.ordinal
      returning ${returningMove}
    ), active as (
      ${countActivity}
    ), counted as (
      ${countMoves}
    ), held as materialized (
      select l.instance_id, l.mutation_key
      from mutation_locks l join moved m on m.execution_id = l.execution_id and m.ordinal = l.ordinal
      order by l.instance_id, l.mutation_key
      for update of l
    ), released as (
      delete from mutation_locks l using held h where l.instance_id = h.instance_id and l.mutation_key = h.mutation_key
    )
    select (select array_agg(execution_id || ' ' || ordinal) from moved) as ended,
           (select array_agg(instance_id) from held) as instances, (select array_agg(mutation_key) from held) as keys
  `.execute(connection)
  const { ended, instances, keys } = rows[0] ?? {}
  return { ended: new Set(ended), freed: instances && keys ? await releaseWaits(connection, instances, keys) : [] }
}

/**
 * Marks the waits for these locks, which the caller released in this transaction, as released, and
 * returns their executions. A separate statement, so that it sees waits that were inserted while it
 * waited for the locks. Waits that their own execution is changing right now are skipped, because
 * two executions that end at once would deadlock. (They are deleted there, or found by
 * `releaseStaleWaits`.)
 */
export async function releaseWaits(
  connection: Connection,
  instanceIds: readonly string[],
  mutationKeys: readonly string[],
): Promise<ExecutionId[]> {
  const { rows } = await sql<{ id: ExecutionId }>`
    with waiting as (
      select w.execution_id, w.ordinal
      from unnest(${instanceIds}::text[], ${mutationKeys}::text[]) as l (instance_id, mutation_key)
      join mutation_waits w using (instance_id, mutation_key)
    ), free as (
      select w.execution_id, w.ordinal
      from mutation_waits w join waiting using (execution_id, ordinal)
      where not w.released
      for update of w skip locked
    ), released as (
      update mutation_waits w set released = true from free f
      where w.execution_id = f.execution_id and w.ordinal = f.ordinal
    )
    select distinct execution_id as id from waiting
  `.execute(connection)
  return rows.map(({ id }) => id)
}

/** A task that will not be handed out any more, ended in bulk. */
const endPendingLimit = 5_000

/**
 * Ends pending tasks (of some instances, if given), at most 5,000 of them, so that no transaction
 * grows with the fleet; the caller repeats while any are left. Returns the number of ended tasks.
 * The caller holds the execution's row lock.
 */
export async function endPendingTasks(
  connection: Connection,
  execution: { readonly id: ExecutionId; readonly revision: number },
  end: TaskEnd,
  instanceIds?: readonly InstanceId[],
): Promise<number> {
  checkMove(`tasks of ${execution.id}`, taskMoves, 'Pending', end.status)
  const { rows } = await sql<{ n: number }>`
    with before as (
      select ${beforeMove} from task_executions t
      where execution_id = ${execution.id} and status = 'Pending'
        ${instanceIds === undefined ? sql`` : sql`and instance_id = any(${instanceIds})`}
      order by batch, ordinal
      limit ${endPendingLimit}
    ), moved as (
      update task_executions t
      set status = ${end.status}, reason_code = ${end.reasonCode}, reason = '', reason_messages = ${partReason} || ${reasonValue(end.reason)}, ended_at = now(), revision = ${execution.revision}
      from before b
      where t.execution_id = b.execution_id and t.ordinal = b.ordinal
      returning ${returningMove}
    ), active as (
      ${countActivity}
    ), counted as (
      ${countMoves}
    ), unwaited as (
      delete from mutation_waits w using moved m where w.execution_id = m.execution_id and w.ordinal = m.ordinal
    )
    select count(*)::int as n from moved
  `.execute(connection)
  return rows[0]?.n ?? 0
}

/**
 * Applies an operator's decision about failed tasks while the execution waits: retry (back to
 * Pending) or skip. Skipped ones keep the reason of their failure after the new one. Returns the
 * number of changed tasks. The caller holds the execution's row lock.
 */
export async function reopenFailedTasks(
  connection: Connection,
  execution: { readonly id: ExecutionId; readonly revision: number },
  instanceIds: readonly string[],
  to: { readonly status: 'Pending' | 'Skipped'; readonly reasonCode: TaskReasonCode; readonly reason: Reason },
): Promise<number> {
  checkMove(`tasks of ${execution.id}`, taskMoves, 'Failed', to.status)
  const { rows } = await sql<{ n: number }>`
    with before as (
      select ${beforeMove} from task_executions t
      where execution_id = ${execution.id} and status = 'Failed' and instance_id = any(${instanceIds})
    ), moved as (
      update task_executions t
      set status = ${to.status}, reason_code = ${to.reasonCode}, revision = ${execution.revision},
          reason = '', reason_messages = ${reasonValue(to.reason)} || case when ${to.status}::text = 'Skipped' then ${reasonOfRow('t')} else '[]'::jsonb end,
          exit_code = null, failure_key = '', output = case when ${to.status}::text = 'Pending' then null else t.output end, ended_at = case when ${to.status}::text = 'Pending' then null else t.ended_at end
      from before b
      where t.execution_id = b.execution_id and t.ordinal = b.ordinal
      returning ${returningMove}
    ), counted as (
      ${countMoves}
    )
    select count(*)::int as n from moved
  `.execute(connection)
  return rows[0]?.n ?? 0
}
