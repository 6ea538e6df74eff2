import { sql } from 'kysely'
import { runningTaskStatuses } from '../../core/execution/execution.ts'
import { mutationKeyOf } from '../../core/execution/operation/operations.ts'
import type { TaskEnd } from '../../core/execution/reconcile-execution.ts'
import type { ExecutionId, InstanceId } from '../../core/id.ts'
import type { Connection } from '../database/database.ts'
import { buildReason } from '../database/stored-reason.ts'
import type { NarrowExecutionRow } from '../execution/executions.ts'
import { endTasks, releaseWaits, taskKey } from './task-ends.ts'
import type { Candidate } from './task-starts.ts'

/*
 * Tasks of several extensions. When a part succeeds and another is left, the task stays Running
 * with its next part due: it keeps its position and its concurrency slot, a pause does not leave an
 * instance with half of the extensions, and a begun task may finish after the error budget is
 * spent. It holds no lock then. The reconciler takes the next part's lock in a separate
 * transaction, because a transaction that releases some locks and takes others could deadlock with
 * one that does the reverse.
 */

/** A running task whose next part is to be begun. */
export interface DuePart extends Candidate {
  /** Another execution holds the lock of its next part. */
  readonly waiting: boolean
}

/** Large enough to justify a transaction, small enough to keep it short. */
const dueLimit = 1_000

/** Running tasks whose next part is due, those that need not wait first. */
export async function listDueParts(
  connection: Connection,
  { id, operation }: Pick<NarrowExecutionRow, 'id' | 'operation'>,
): Promise<DuePart[]> {
  const { rows } = await sql<{
    ordinal: number
    attempt: number
    instanceId: InstanceId
    part: number
    waiting: boolean
  }>`
    select t.ordinal, t.attempt, t.instance_id as "instanceId", t.part, w.ordinal is not null as waiting
    from task_executions t
    left join mutation_waits w on w.execution_id = t.execution_id and w.ordinal = t.ordinal
    where t.execution_id = ${id} and t.part_due
    order by w.ordinal is not null, t.ordinal
    limit ${dueLimit}
  `.execute(connection)
  return rows.map(({ part, ...row }) => ({ ...row, mutationKey: mutationKeyOf(operation, id, part) }))
}

/** A part that succeeded. */
export interface PartEnd {
  readonly executionId: ExecutionId
  readonly ordinal: number
  readonly attempt: number
  readonly revision: number
}

/**
 * Processes parts that succeeded: if another is left, the task continues with it and its instance's
 * lock is released. Returns the tasks that continue; for the others the end of the part is the end
 * of the task. `stopped`: tasks that were cancelled but completed this part: the caller ends them.
 * The caller holds the row locks of their executions.
 */
export async function advanceParts(
  connection: Connection,
  ends: readonly PartEnd[],
): Promise<{ advanced: ReadonlySet<string>; stopped: ReadonlySet<string>; freed: readonly ExecutionId[] }> {
  if (ends.length === 0) return { advanced: new Set(), stopped: new Set(), freed: [] }
  const { rows } = await sql<Record<'advanced' | 'stopped' | 'instances' | 'keys', string[] | null>>`
    with ends as (
      select * from unnest(
        ${ends.map((end) => end.executionId)}::text[], ${ends.map((end) => end.ordinal)}::int[],
        ${ends.map((end) => end.attempt)}::int[], ${ends.map((end) => end.revision)}::bigint[]
      ) as e (execution_id, ordinal, attempt, revision)
    ), next as (
      select t.execution_id, t.ordinal, e.revision, t.part as done, n.part, n.planned, jsonb_array_length(t.parts) as count,
        t.parts -> t.part ->> 'extensionName' as name, i.cancel_requested_at is not null as stopped
      from ends e
      join task_executions t on t.execution_id = e.execution_id and t.ordinal = e.ordinal and t.attempt = e.attempt
      join invocations i on i.execution_id = t.execution_id and i.ordinal = t.ordinal and i.attempt = t.attempt
      cross join lateral (
        select p.place - 1 as part, p.planned from jsonb_array_elements(t.parts) with ordinality as p (planned, place)
        where p.place - 1 > t.part and p.planned ->> 'step' not in ('none', 'skip')
        order by p.place
        limit 1
      ) n
      where t.status = any(${runningTaskStatuses}) and not t.part_due and t.parts is not null
    ), advanced as (
      update task_executions t
      set part = n.part, part_due = true, step = n.planned ->> 'step',
          from_version = (n.planned ->> 'fromVersion')::int, to_version = (n.planned ->> 'toVersion')::int,
          configuration_id = n.planned ->> 'configurationId', parameter_set = (n.planned ->> 'parameterSet')::int, timeout_ms = (n.planned ->> 'timeoutMs')::bigint,
          reason = '', reason_messages = ${buildReason('PartDone', { number: sql`n.done + 1`, count: sql`n.count`, extension: sql`n.name` })}, revision = n.revision
      from next n
      where t.execution_id = n.execution_id and t.ordinal = n.ordinal
      returning t.execution_id, t.ordinal, n.stopped
    ), held as materialized (
      select l.instance_id, l.mutation_key
      from mutation_locks l join advanced a on a.execution_id = l.execution_id and a.ordinal = l.ordinal
      order by l.instance_id, l.mutation_key
      for update of l
    ), released as (
      delete from mutation_locks l using held h where l.instance_id = h.instance_id and l.mutation_key = h.mutation_key
    )
    select (select array_agg(execution_id || ' ' || ordinal) from advanced) as advanced,
           (select array_agg(execution_id || ' ' || ordinal) from advanced where stopped) as stopped,
           (select array_agg(instance_id) from held) as instances, (select array_agg(mutation_key) from held) as keys
  `.execute(connection)
  const { advanced, stopped, instances, keys } = rows[0] ?? {}
  return {
    advanced: new Set(advanced),
    stopped: new Set(stopped),
    freed: instances && keys ? await releaseWaits(connection, instances, keys) : [],
  }
}

/**
 * Ends tasks between two parts, which involves no agent. Returns the number of ended tasks. The
 * caller holds the execution's row lock.
 */
export async function endDueParts(
  connection: Connection,
  execution: { readonly id: ExecutionId; readonly revision: number },
  which: { readonly ordinals: readonly number[] } | { readonly instanceIds: readonly InstanceId[] },
  end: TaskEnd,
): Promise<number> {
  const chosen =
    'ordinals' in which ? sql`ordinal = any(${which.ordinals})` : sql`instance_id = any(${which.instanceIds})`
  const { rows } = await sql<{ ordinal: number; attempt: number }>`
    select ordinal, attempt from task_executions where execution_id = ${execution.id} and part_due and ${chosen}
  `.execute(connection)
  if (rows.length === 0) return 0
  const { ended } = await endTasks(
    connection,
    rows.map((row) => ({
      executionId: execution.id,
      ...row,
      revision: execution.revision,
      ...end,
      exitCode: undefined,
      output: undefined,
    })),
  )
  const ordinals = rows.map(({ ordinal }) => ordinal).filter((ordinal) => ended.has(taskKey(execution.id, ordinal)))
  await sql`delete from mutation_waits where execution_id = ${execution.id} and ordinal = any(${ordinals})`.execute(
    connection,
  )
  return ordinals.length
}
