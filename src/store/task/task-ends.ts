import { sql } from 'kysely'
import { type TaskReasonCode, taskMoves } from '../../core/execution/execution.ts'
import { checkMove } from '../../core/execution/moves.ts'
import type { TaskEnd } from '../../core/execution/reconcile-execution.ts'
import type { ExecutionId, InstanceId } from '../../core/id.ts'
import type { Connection } from '../database/database.ts'
import { countActivity } from './task-activity.ts'

export interface TaskEndRow {
  readonly executionId: ExecutionId
  readonly ordinal: number
  readonly attempt: number
  readonly revision: number
  readonly status: 'Success' | 'Failed' | 'Cancelled'
  readonly reasonCode: TaskReasonCode
  readonly reason: string
  readonly exitCode: number | undefined
  readonly output: string | undefined
  /** Of a failure with output: which others it is like (app/execution/note-failures.ts). */
  readonly failureKey?: string | undefined
}

export interface EndedTasks {
  /** `<execution id> <ordinal>` of what really was running and has ended now; the rest had ended before. */
  readonly ended: ReadonlySet<string>
  /** Executions that waited for an instance which is free now. */
  readonly freed: readonly ExecutionId[]
}

export const taskKey = (executionId: ExecutionId, ordinal: number) => `${executionId} ${ordinal}`

/** Of several extensions: which of them what follows is about. */
const sayPart = sql`case
  when t.parts is null or t.attempt = 0 then ''
  else 'Part ' || (t.part + 1) || ' of ' || jsonb_array_length(t.parts) || ', ' || (t.parts -> t.part ->> 'extensionName') || ': '
end`

/** Ends running tasks, counts them, lets their instances go. The caller holds the row locks of their executions. */
export async function endTasks(connection: Connection, ends: readonly TaskEndRow[]): Promise<EndedTasks> {
  if (ends.length === 0) return { ended: new Set(), freed: [] }
  for (const { status, executionId, ordinal } of ends)
    checkMove(taskKey(executionId, ordinal), taskMoves, 'Running', status)
  const { rows } = await sql<{ ended: string[] | null; instances: string[] | null; keys: string[] | null }>`
    with ends as (
      select * from unnest(
        ${ends.map((end) => end.executionId)}::text[], ${ends.map((end) => end.ordinal)}::int[],
        ${ends.map((end) => end.attempt)}::int[], ${ends.map((end) => end.revision)}::bigint[],
        ${ends.map((end) => end.status)}::text[], ${ends.map((end) => end.reasonCode)}::text[], ${ends.map((end) => end.reason)}::text[],
        ${ends.map((end) => end.exitCode ?? null)}::int[], ${ends.map((end) => end.output ?? null)}::text[],
        ${ends.map((end) => end.failureKey ?? '')}::text[]
      ) as e (execution_id, ordinal, attempt, revision, status, reason_code, reason, exit_code, output, failure_key)
    ), ended as (
      update task_executions t
      set status = e.status, reason_code = e.reason_code, reason = ${sayPart} || e.reason, part_due = false, exit_code = e.exit_code, output = e.output,
          failure_key = e.failure_key,
          ended_at = now(), revision = e.revision
      from ends e
      where t.execution_id = e.execution_id and t.ordinal = e.ordinal and t.attempt = e.attempt and t.status = 'Running'
      returning t.execution_id, t.ordinal, t.batch, t.status, t.reason_code, t.account_id
    ), active as (
      ${countActivity}
    ), counted as (
      insert into task_counts (execution_id, batch, status, reason_code, n)
      select execution_id, batch, status, reason_code, sum(n) from (
        select execution_id, batch, status, reason_code, 1 as n from ended
        union all
        select execution_id, batch, 'Running', 'Dispatched', -1 from ended
      ) moves
      group by execution_id, batch, status, reason_code
      order by execution_id, batch, status, reason_code
      on conflict (execution_id, batch, status, reason_code) do update set n = task_counts.n + excluded.n
    ), held as materialized (
      select l.instance_id, l.mutation_key
      from mutation_locks l join ended e on e.execution_id = l.execution_id and e.ordinal = l.ordinal
      order by l.instance_id, l.mutation_key
      for update of l
    ), released as (
      delete from mutation_locks l using held h where l.instance_id = h.instance_id and l.mutation_key = h.mutation_key
    )
    select (select array_agg(execution_id || ' ' || ordinal) from ended) as ended,
           (select array_agg(instance_id) from held) as instances, (select array_agg(mutation_key) from held) as keys
  `.execute(connection)
  const { ended, instances, keys } = rows[0] ?? {}
  return { ended: new Set(ended), freed: instances && keys ? await releaseWaits(connection, instances, keys) : [] }
}

/**
 * Marks the waits for these locks, which the caller gave back in this transaction, as released and returns whose they are. A
 * statement of its own, so that it sees the waits noted while the locks were waited for. Waits that their own execution is changing
 * right now are passed over: two executions that end at once would wait for each other. (They are deleted there, or found by
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

/** A task that is handed over to nobody any more, ended in bulk. */
const endPendingLimit = 5_000

/**
 * Ends pending tasks (of some instances, if they are named), at most 5,000 of them, so that no transaction grows with the fleet; the caller
 * calls again while any are left. Returns how many it ended. The caller holds the execution's row lock.
 */
export async function endPendingTasks(
  connection: Connection,
  execution: { readonly id: ExecutionId; readonly revision: number },
  end: TaskEnd,
  instanceIds?: readonly InstanceId[],
): Promise<number> {
  checkMove(`tasks of ${execution.id}`, taskMoves, 'Pending', end.status)
  const { rows } = await sql<{ n: number }>`
    with picked as (
      select ordinal, reason_code from task_executions
      where execution_id = ${execution.id} and status = 'Pending'
        ${instanceIds === undefined ? sql`` : sql`and instance_id = any(${instanceIds})`}
      order by batch, ordinal
      limit ${endPendingLimit}
    ), ended as (
      update task_executions t
      set status = ${end.status}, reason_code = ${end.reasonCode}, reason = ${sayPart} || ${end.reason}::text, ended_at = now(), revision = ${execution.revision}
      from picked p
      where t.execution_id = ${execution.id} and t.ordinal = p.ordinal
      returning t.batch, t.ordinal, t.status, t.account_id, p.reason_code as was
    ), active as (
      ${countActivity}
    ), counted as (
      insert into task_counts (execution_id, batch, status, reason_code, n)
      select ${execution.id}, batch, moved.status, moved.reason_code, sum(moved.sign)
      from ended cross join lateral (
        values ('Pending', ended.was, -1), (${end.status}::text, ${end.reasonCode}::text, 1)
      ) as moved (status, reason_code, sign)
      group by batch, moved.status, moved.reason_code
      on conflict (execution_id, batch, status, reason_code) do update set n = task_counts.n + excluded.n
    ), unwaited as (
      delete from mutation_waits w using ended e where w.execution_id = ${execution.id} and w.ordinal = e.ordinal
    )
    select count(*)::int as n from ended
  `.execute(connection)
  return rows[0]?.n ?? 0
}

/**
 * What a person decided about failed tasks while the execution waits: retry (back to Pending) or skip. Skipped ones keep why they failed,
 * after the new reason. Returns how many it was.
 * The caller holds the execution's row lock.
 */
export async function reopenFailedTasks(
  connection: Connection,
  execution: { readonly id: ExecutionId; readonly revision: number },
  instanceIds: readonly string[],
  to: { readonly status: 'Pending' | 'Skipped'; readonly reasonCode: TaskReasonCode; readonly reason: string },
): Promise<number> {
  checkMove(`tasks of ${execution.id}`, taskMoves, 'Failed', to.status)
  const { rows } = await sql<{ n: number }>`
    with failed as (
      select ordinal, reason_code from task_executions
      where execution_id = ${execution.id} and status = 'Failed' and instance_id = any(${instanceIds})
    ), moved as (
      update task_executions t
      set status = ${to.status}, reason_code = ${to.reasonCode}, revision = ${execution.revision},
          reason = ${to.reason}::text || case when ${to.status}::text = 'Skipped' then ' ' || t.reason else '' end,
          exit_code = null, failure_key = '', output = case when ${to.status}::text = 'Pending' then null else t.output end, ended_at = case when ${to.status}::text = 'Pending' then null else t.ended_at end
      from failed f
      where t.execution_id = ${execution.id} and t.ordinal = f.ordinal
      returning t.batch, f.reason_code
    ), counted as (
      insert into task_counts (execution_id, batch, status, reason_code, n)
      select ${execution.id}, batch, status, reason_code, sum(n) from (
        select batch, 'Failed' as status, reason_code, -1 as n from moved
        union all
        select batch, ${to.status}, ${to.reasonCode}, 1 from moved
      ) moves
      group by batch, status, reason_code
      on conflict (execution_id, batch, status, reason_code) do update set n = task_counts.n + excluded.n
    )
    select count(*)::int as n from moved
  `.execute(connection)
  return rows[0]?.n ?? 0
}
