import { sql } from 'kysely'
import { taskMoves } from '../../core/execution/execution.ts'
import { checkMove } from '../../core/execution/moves.ts'
import type { ExecutionId, InstanceId, InvocationId } from '../../core/id.ts'
import { invocationIdOf, taskIdOf } from '../../core/id.ts'
import type { Connection } from '../database/database.ts'
import { buildReason } from '../database/stored-reason.ts'
import { beforeMove, countMoves, returningMove } from './task-counts.ts'

/** A task that may start. */
export interface Candidate {
  readonly ordinal: number
  readonly attempt: number
  readonly instanceId: InstanceId
  /** The object that it changes there: only one task at a time may do so. */
  readonly mutationKey: string
}

/** The result of starting tasks. */
export interface StartedTasks {
  readonly started: readonly { readonly instanceId: InstanceId; readonly invocationId: InvocationId }[]
  /** Candidates whose instance another execution is changing: they wait for it. */
  readonly blockedCount: number
}

/**
 * Starts pending tasks: takes the instance's lock for the mutation key, sets the tasks Running and
 * queues an invocation each. A task whose lock another execution holds stays Pending and is stored
 * as waiting. The caller holds the execution's row lock. With `continuing`, does the same for
 * running tasks whose next part is due.
 */
export async function startTasks(
  connection: Connection,
  execution: {
    readonly id: ExecutionId
    readonly revision: number
    readonly deliveryTimeoutMs: number
  },
  candidates: readonly Candidate[],
  { continuing }: { readonly continuing: boolean },
): Promise<StartedTasks> {
  if (!continuing) checkMove(`tasks of ${execution.id}`, taskMoves, 'Pending', 'Running')
  const ordinals = candidates.map(({ ordinal }) => ordinal)
  const attempts = candidates.map(({ attempt }) => attempt + 1)
  const instanceIds = candidates.map(({ instanceId }) => instanceId)
  const mutationKeys = candidates.map(({ mutationKey }) => mutationKey)
  const invocationIds = candidates.map(({ ordinal, attempt }) =>
    invocationIdOf(taskIdOf(execution.id, ordinal), attempt + 1),
  )
  const { rows } = await sql<{ instanceId: InstanceId; invocationId: InvocationId }>`
    with wanted as (
      select * from unnest(
        ${ordinals}::int[], ${attempts}::int[], ${instanceIds}::text[], ${invocationIds}::text[], ${mutationKeys}::text[]
      ) as w (ordinal, attempt, instance_id, invocation_id, mutation_key)
    ), locked as (
      insert into mutation_locks (instance_id, mutation_key, execution_id, ordinal)
      select instance_id, mutation_key, ${execution.id}, ordinal from wanted order by instance_id, mutation_key
      on conflict do nothing
      returning ordinal
    ), before as (
      select ${beforeMove}, w.attempt, w.invocation_id
      from locked join wanted w using (ordinal) join task_executions t on t.execution_id = ${execution.id} and t.ordinal = w.ordinal
      where ${continuing ? sql`t.part_due` : sql`t.status = 'Pending'`}
    ), moved as (
      update task_executions t
      set status = 'Running', reason_code = 'Dispatched', reason = '', reason_messages = '[]', attempt = b.attempt,
          part_due = false, started_at = coalesce(t.started_at, now()), revision = ${execution.revision}
      from before b
      where t.execution_id = b.execution_id and t.ordinal = b.ordinal
      returning ${returningMove}, t.attempt, t.instance_id, t.timeout_ms, t.part, t.parameter_set, b.invocation_id
    ), counted as (
      ${countMoves}
    )
    insert into invocations (id, execution_id, ordinal, attempt, account_id, instance_id, state, deadline_at, timeout_ms, part, parameter_set)
    select invocation_id, execution_id, ordinal, attempt, account_id, instance_id, 'queued',
      now() + ${execution.deliveryTimeoutMs} * interval '1 millisecond', timeout_ms, part, parameter_set
    from moved
    returning instance_id as "instanceId", id as "invocationId"
  `.execute(connection)
  const blockedCount = candidates.length - rows.length
  if (blockedCount > 0) await insertMutationWaits(connection, execution, candidates)
  return { started: rows, blockedCount }
}

/**
 * Stores which execution each of the candidates waits for. `for key share` on the lock makes this
 * wait for a holder that is just releasing it, so that no wait is stored for a released lock.
 */
async function insertMutationWaits(
  connection: Connection,
  execution: { readonly id: ExecutionId; readonly revision: number },
  candidates: readonly Candidate[],
): Promise<void> {
  const ordinals = candidates.map(({ ordinal }) => ordinal)
  const instanceIds = candidates.map(({ instanceId }) => instanceId)
  const mutationKeys = candidates.map(({ mutationKey }) => mutationKey)
  await sql`
    with holders as (
      select l.instance_id, l.mutation_key, l.execution_id
      from mutation_locks l
      where (l.instance_id, l.mutation_key) in (select * from unnest(${instanceIds}::text[], ${mutationKeys}::text[]))
        and l.execution_id <> ${execution.id}
      order by l.instance_id, l.mutation_key
      for key share
    ), waiting as (
      insert into mutation_waits (execution_id, ordinal, instance_id, mutation_key, waits_for)
      select ${execution.id}, c.ordinal, c.instance_id, c.mutation_key, h.execution_id
      from unnest(${ordinals}::int[], ${instanceIds}::text[], ${mutationKeys}::text[]) as c (ordinal, instance_id, mutation_key)
      join holders h using (instance_id, mutation_key)
      on conflict (execution_id, ordinal) do update set waits_for = excluded.waits_for, released = false
      returning ordinal, waits_for
    ), before as (
      select ${beforeMove}, w.waits_for
      from waiting w join task_executions t on t.execution_id = ${execution.id} and t.ordinal = w.ordinal
    ), moved as (
      update task_executions t
      set reason_code = case when t.status = 'Pending' then 'WaitingForOtherExecution' else t.reason_code end,
          reason = '', reason_messages = ${buildReason('WaitsForExecution', { executionId: sql`b.waits_for` })}, revision = ${execution.revision}
      from before b
      where t.execution_id = b.execution_id and t.ordinal = b.ordinal
      returning ${returningMove}
    )
    ${countMoves}
  `.execute(connection)
}

/**
 * Deletes the waits of this execution whose lock was released: their tasks may start again. At most
 * 5,000 of them; the caller repeats while it returns more than 0. Reads no rows that still wait.
 * The caller holds the execution's row lock.
 */
export async function deleteReleasedWaits(
  connection: Connection,
  execution: { readonly id: ExecutionId; readonly revision: number },
): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    with gone as (
      delete from mutation_waits where (execution_id, ordinal) in (
        select execution_id, ordinal from mutation_waits
        where execution_id = ${execution.id} and released
        limit ${releasedLimit}
      )
      returning ordinal
    ), before as (
      select ${beforeMove}
      from gone g join task_executions t on t.execution_id = ${execution.id} and t.ordinal = g.ordinal
      where t.status = 'Pending' and t.reason_code = 'WaitingForOtherExecution'
    ), moved as (
      update task_executions t
      set reason_code = 'Planned', reason = '', reason_messages = '[]', revision = ${execution.revision}
      from before b
      where t.execution_id = b.execution_id and t.ordinal = b.ordinal
      returning ${returningMove}
    ), counted as (
      ${countMoves}
    )
    select count(*)::int as n from gone
  `.execute(connection)
  return rows[0]?.n ?? 0
}

/** Keeps the transaction's size independent of the fleet. */
const releasedLimit = 5_000

/**
 * Marks the waits of all executions whose lock is free: normally none, since the transaction that
 * releases a lock marks them (`releaseWaits` of task-ends.ts). That one skips waits that the
 * waiting execution is changing at that moment; this function finds them.
 */
export async function releaseStaleWaits(connection: Connection): Promise<void> {
  await sql`
    update mutation_waits w set released = true
    where not w.released
      and not exists (select from mutation_locks l where l.instance_id = w.instance_id and l.mutation_key = w.mutation_key)
  `.execute(connection)
}
