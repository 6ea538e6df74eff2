import { type RawBuilder, sql } from 'kysely'
import {
  type InvocationState,
  invocationMoves,
  openInvocationStates,
  progressRound,
} from '../../core/execution/invocation.ts'
import { checkMove, listMoves } from '../../core/execution/moves.ts'
import type { AccountId, ExecutionId, InstanceId, InvocationId, ServerId } from '../../core/id.ts'
import { cancelTimeoutMs, defaultRebootTimeoutMs } from '../../core/limits.ts'
import type { Reason } from '../../core/reason/reason.ts'
import type { Connection } from '../database/database.ts'
import { reasonValues } from '../database/stored-reason.ts'

/** An invocation that is handed to an agent, before its configuration is loaded. */
export interface HandedOut {
  readonly id: InvocationId
  readonly executionId: ExecutionId
  readonly instanceId: InstanceId
  readonly instanceName: string
  readonly accountId: AccountId
  /** Determines the instance's permissions. */
  readonly role: string
  /** Whether it was handed out before without a report: the agent may have it. */
  readonly wasSent: boolean
  /** Attempts to prepare it that failed since it was last handed out. */
  readonly handOutFailures: number
  readonly step: 'install' | 'update' | 'verify' | 'uninstall' | 'run'
  /** Which of several extensions it is for. */
  readonly part: number | null
  /** The set of values that it gets; null: the execution's own. */
  readonly parameterSet: number | null
  readonly fromVersion: number | null
  readonly toVersion: number | null
  readonly configurationId: string | null
}

/**
 * Locks these instances' invocations in the order of their ids before reports are applied. Every
 * transaction that changes several uses this order, which prevents deadlocks. Executions are locked
 * before their invocations.
 */
export async function lockInvocations(
  connection: Connection,
  invocations: readonly { readonly id: InvocationId; readonly instanceId: InstanceId }[],
): Promise<void> {
  await sql`
    select from unnest(
      ${invocations.map(({ id }) => id)}::text[], ${invocations.map(({ instanceId }) => instanceId)}::text[]
    ) as u (id, instance_id)
    join invocations i on i.id = u.id and i.instance_id = u.instance_id
    order by i.id
    for no key update of i
  `.execute(connection)
}

const handedOutColumns = sql`i.id, i.execution_id as "executionId", i.instance_id as "instanceId", n.name as "instanceName",
  n.account_id as "accountId", n.role, i.state = 'sent' as "wasSent",
  i.hand_out_failures as "handOutFailures", t.step, i.part, i.parameter_set as "parameterSet",
  t.from_version as "fromVersion", t.to_version as "toVersion", t.configuration_id as "configurationId"`
const handedOutTables = sql`invocations i
  join task_executions t on t.execution_id = i.execution_id and t.ordinal = i.ordinal
  join instances n on n.id = i.instance_id`

/**
 * Open invocations of these instances that no report has confirmed, except those whose preparation
 * is to be retried later.
 */
export async function listDueInvocations(
  connection: Connection,
  instanceIds: readonly InstanceId[],
): Promise<HandedOut[]> {
  const { rows } = await sql<HandedOut>`
    select ${handedOutColumns} from ${handedOutTables}
    where i.instance_id = any(${instanceIds}) and i.state in ('queued', 'sent') and i.cancel_requested_at is null
      and n.admission = 'admitted' and (i.hand_out_after is null or i.hand_out_after <= now())
  `.execute(connection)
  return rows
}

/**
 * An invocation that was handed out to an instance's agent and has not ended; undefined if there is
 * none.
 */
export async function getOpenHandedOut(
  connection: Connection,
  instanceId: InstanceId,
  id: InvocationId,
): Promise<HandedOut | undefined> {
  const { rows } = await sql<HandedOut>`
    select ${handedOutColumns} from ${handedOutTables}
    where i.id = ${id} and i.instance_id = ${instanceId}
      and i.state in ('sent', 'accepted', 'waiting', 'downloading', 'running', 'verifying', 'rebooting')
  `.execute(connection)
  return rows[0]
}

/**
 * Marks invocations as sent before they are handed out, and returns those. Committed before
 * anything is sent: a `queued` one was certainly never handed out, a `sent` one may have been, and
 * is handed out again on request. Invocations that another transaction is changing (lost, stopped,
 * taken) are skipped until the next time instead of waiting for the lock.
 */
export async function markSent(connection: Connection, ids: readonly InvocationId[]): Promise<Set<InvocationId>> {
  checkMove('handing out', invocationMoves, 'queued', 'sent')
  const { rows } = await sql<{ id: InvocationId }>`
    with due as materialized (
      select id from invocations
      where id = any(${ids}) and state in ('queued', 'sent') and cancel_requested_at is null
      for no key update skip locked
    )
    update invocations i
    set state = 'sent', sent_at = coalesce(i.sent_at, now()),
        hand_out_error = null, hand_out_failures = 0, hand_out_after = null
    from due where i.id = due.id
    returning i.id
  `.execute(connection)
  return new Set(rows.map(({ id }) => id))
}

/** A failed attempt to hand out an invocation. */
export interface HandOutFailure {
  readonly id: InvocationId
  readonly reason: string
  /** Until the next attempt. */
  readonly delayMs: number
}

/**
 * Counts a failed attempt to hand out, and sets the time of the next one; the reason is reported if
 * a queued invocation times out before.
 */
export async function noteHandOutFailures(connection: Connection, failures: readonly HandOutFailure[]): Promise<void> {
  await sql`
    with failed as materialized (
      select i.id, u.reason, u.delay_ms
      from unnest(
        ${failures.map(({ id }) => id)}::text[], ${failures.map(({ reason }) => reason)}::text[],
        ${failures.map(({ delayMs }) => delayMs)}::int[]
      ) as u (id, reason, delay_ms)
      join invocations i on i.id = u.id and i.state in ('queued', 'sent')
      for no key update of i skip locked
    )
    update invocations i
    set hand_out_error = case when i.state = 'queued' then f.reason else i.hand_out_error end,
        hand_out_failures = i.hand_out_failures + 1,
        hand_out_after = now() + f.delay_ms * interval '1 millisecond'
    from failed f where i.id = f.id
  `.execute(connection)
}

/**
 * Restarts the delivery timeout of invocations that wait on their instance, and the time limit of
 * reboots that wait for other scripts there.
 */
export async function renewWaitingInvocations(
  connection: Connection,
  named: readonly { readonly instanceId: InstanceId; readonly ids: readonly InvocationId[] }[],
): Promise<void> {
  await sql`
    with waiting as materialized (
      select i.id, e.delivery_timeout_ms
      from unnest(
        ${named.flatMap(({ ids }) => ids)}::text[], ${named.flatMap(({ instanceId, ids }) => ids.map(() => instanceId))}::text[]
      ) as u (id, instance_id)
      join invocations i on i.id = u.id and i.instance_id = u.instance_id
      join executions e on e.id = i.execution_id
      join instances n on n.id = i.instance_id and n.admission = 'admitted'
      where i.state in ('accepted', 'waiting', 'downloading', 'rebooting') and i.cancel_requested_at is null
      order by i.id
      for no key update of i
    )
    update invocations i
    set deadline_at = greatest(i.deadline_at, now() + interval '1 millisecond' * case i.state
      when 'rebooting' then ${rebootTimeoutOf(sql`i.execution_id`)} else w.delivery_timeout_ms end)
    from waiting w where i.id = w.id
  `.execute(connection)
}

/**
 * A connected agent that has not answered a cancel is reminded for this long; after that only at
 * its next hello.
 */
const remindMs = 3_600_000

/**
 * Instances connected to a server that have undelivered or unaccepted work, or work to stop, as
 * left by lost nudges.
 */
export async function listInstancesToNudge(connection: Connection, serverId: ServerId): Promise<InstanceId[]> {
  const { rows } = await sql<{ id: InstanceId }>`
    select distinct i.instance_id as id
    from invocations i join instances n on n.id = i.instance_id
    where n.connected_to = ${serverId}
      and i.state in ('queued', 'sent', 'accepted', 'waiting', 'downloading', 'running', 'verifying', 'rebooting')
      and (
        i.state in ('queued', 'sent') and n.admission = 'admitted' and (i.hand_out_after is null or i.hand_out_after <= now())
        or i.cancel_requested_at is not null
      )
    union
    select i.instance_id
    from invocations i join instances n on n.id = i.instance_id
    where n.connected_to = ${serverId} and i.state = 'lost' and i.disowned_at is null
      and i.cancel_requested_at > now() - ${remindMs} * interval '1 millisecond'
  `.execute(connection)
  return rows.map(({ id }) => id)
}

export interface OpenInvocationRow {
  readonly id: InvocationId
  readonly instanceId: InstanceId
  readonly state: InvocationState
}

/** Invocations that were handed out to these instances and have not ended. */
export async function listOpenInvocations(
  connection: Connection,
  instanceIds: readonly InstanceId[],
): Promise<OpenInvocationRow[]> {
  const { rows } = await sql<OpenInvocationRow>`
    select id, instance_id as "instanceId", state from invocations
    where instance_id = any(${instanceIds})
      and state in ('queued', 'sent', 'accepted', 'waiting', 'downloading', 'running', 'verifying', 'rebooting')
  `.execute(connection)
  return rows
}

/**
 * Ids of invocations that these instances may run and should stop, also if the server no longer
 * waits for the answer.
 */
export async function listCancelledInvocations(
  connection: Connection,
  instanceIds: readonly InstanceId[],
): Promise<{ readonly id: InvocationId; readonly instanceId: InstanceId }[]> {
  const { rows } = await sql<{ id: InvocationId; instanceId: InstanceId }>`
    select id, instance_id as "instanceId" from invocations
    where instance_id = any(${instanceIds}) and cancel_requested_at is not null
      and state in ('queued', 'sent', 'accepted', 'waiting', 'downloading', 'running', 'verifying', 'rebooting')
    union all
    select id, instance_id from invocations
    where instance_id = any(${instanceIds}) and state = 'lost' and disowned_at is null and cancel_requested_at is not null
  `.execute(connection)
  return rows
}

/** The progress that reports describe. */
export interface InvocationProgress {
  readonly id: InvocationId
  readonly instanceId: InstanceId
  /** The number of reboots before it. */
  readonly reboots: number
  /** Absent: only output arrived. */
  readonly state: InvocationState | undefined
  readonly step: string | undefined
  readonly receivedBytes: number
}

/**
 * Moves invocations forward, never back, and never an ended one. A new state moves the deadline; a
 * repeated one does not, so that no agent keeps an execution open indefinitely. Only the
 * invocation's own instance can move it. A lost invocation stays lost until its end is reported;
 * its late output still counts. Returns those that have reported a reboot, for their tasks.
 */
export async function updateInvocationProgress(
  connection: Connection,
  progress: readonly InvocationProgress[],
  times: { readonly downloadMs: number; readonly graceMs: number },
): Promise<RebootedInvocation[]> {
  if (progress.length === 0) return []
  const rebooting = sql.raw(`'rebooting'`)
  const { rows } = await sql<RebootedInvocation>`
    with moved as (
    update invocations i
    set state = case when p.rank > ${rankOf('i')} and (
            ${mayMove(sql`i.state`, sql`p.state`)}
            -- Several states at once, of which it has passed the reboot.
            or p.reboots > i.reboots and ${mayMove(sql`i.state`, rebooting)} and ${mayMove(rebooting, sql`p.state`)}
          ) then p.state else i.state end,
        step = coalesce(p.step, i.step),
        reboots = greatest(i.reboots, p.reboots),
        accepted_at = case when p.state is null then i.accepted_at else coalesce(i.accepted_at, now()) end,
        received_bytes = i.received_bytes + p.received_bytes,
        deadline_at = case
          when i.cancel_requested_at is not null or coalesce(p.rank <= ${rankOf('i')}, true) then i.deadline_at
          when p.state = 'rebooting' then now() + ${rebootTimeoutOf(sql`i.execution_id`)} * interval '1 millisecond'
          when p.state in ('accepted', 'waiting', 'downloading') then now() + ${times.downloadMs + times.graceMs} * interval '1 millisecond'
          -- Once for the scripts, once for putting the old version back.
          else now() + (2 * i.timeout_ms + ${times.graceMs}) * interval '1 millisecond'
        end
    from (
      select id, instance_id, state, step, received_bytes, reboots, ${rankOf('u')} as rank
      from unnest(
        ${progress.map(({ id }) => id)}::text[], ${progress.map(({ instanceId }) => instanceId)}::text[],
        ${progress.map(({ state }) => state ?? null)}::text[], ${progress.map(({ step }) => step ?? null)}::text[],
        ${progress.map(({ receivedBytes }) => receivedBytes)}::bigint[], ${progress.map(({ reboots }) => reboots)}::int[]
      ) as u (id, instance_id, state, step, received_bytes, reboots)
    ) p
    where i.id = p.id and i.instance_id = p.instance_id
      and i.state in ('sent', 'accepted', 'waiting', 'downloading', 'running', 'verifying', 'rebooting', 'lost')
    returning i.execution_id, i.ordinal, i.attempt, i.state, i.reboots
    )
    select execution_id as "executionId", ordinal, attempt, state from moved where reboots > 0
  `.execute(connection)
  return rows
}

/** An open invocation that has reported a reboot. */
export interface RebootedInvocation {
  readonly executionId: ExecutionId
  readonly ordinal: number
  readonly attempt: number
  readonly state: InvocationState
}

/** A condition: the transition from one state to the other is valid. */
const mayMove = (from: RawBuilder<unknown>, to: RawBuilder<unknown>) =>
  sql`${from} || ' ' || ${to} = any(${listMoves(invocationMoves)})`

const openStates = sql.raw(`array[${openInvocationStates.map((state) => `'${state}'`).join(', ')}]`)

/** `findProgressRank` of a row; null if its state is not an open one. */
const rankOf = (row: string) =>
  sql`${sql.ref(`${row}.reboots`)} * ${progressRound}
    + case ${sql.ref(`${row}.state`)} when 'rebooting' then 0 else array_position(${openStates}, ${sql.ref(`${row}.state`)}) end`

/** The time limit of a reboot in an execution, in milliseconds. */
export const rebootTimeoutOf = (executionId: RawBuilder<unknown>) => sql`(
    select coalesce((e.operation ->> 'rebootTimeoutMs')::bigint, ${defaultRebootTimeoutMs})
    from executions e where e.id = ${executionId}
  )`

/** The end of an invocation. */
export interface InvocationEnd {
  readonly id: InvocationId
  readonly instanceId: InstanceId
  /**
   * An invocation that the server ends is `withdrawn` if it was never handed out, else `lost`; the
   * wrong one of the two ends nothing.
   */
  readonly state: 'succeeded' | 'failed' | 'timedOut' | 'cancelled' | 'lost' | 'withdrawn'
  readonly reasonCode: string
  readonly reason: Reason
  readonly exitCode: number | undefined
  /** Whether it reports the instance's installed state. */
  readonly hasInstalled: boolean
  readonly stdoutBytes: number
  readonly stderrBytes: number
  readonly cutBytes: number
  readonly scriptRange?: ScriptRange | undefined
  /**
   * Stored with the invocation if the execution has several extensions; otherwise with the task.
   */
  readonly output?: string | undefined
}

/** The byte ranges of an invocation's streams that the main script of the task printed. */
export type ScriptRange = Readonly<Record<'stdout' | 'stderr', readonly [from: number, to: number]>>

/** An invocation that was ended, with its task. */
export interface EndedInvocation {
  readonly id: InvocationId
  readonly instanceId: InstanceId
  readonly executionId: ExecutionId
  readonly ordinal: number
  readonly attempt: number
}

/**
 * Ends invocations as their agents reported. Repeated reports are not returned; an invocation that
 * the server had marked as lost is corrected, because the agent's report is authoritative.
 */
export async function endInvocations(
  connection: Connection,
  ends: readonly InvocationEnd[],
): Promise<EndedInvocation[]> {
  const { rows } = await sql<EndedInvocation>`
    update invocations i
    set state = e.state, reason_code = e.reason_code, reason = null, reason_messages = e.reason_messages, exit_code = e.exit_code, ended_at = now(),
        accepted_at = case when e.state in ('lost', 'withdrawn') then i.accepted_at else coalesce(i.accepted_at, now()) end,
        told_installed = e.told_installed,
        stdout_bytes = e.stdout_bytes, stderr_bytes = e.stderr_bytes, cut_bytes = e.cut_bytes,
        script_range = e.script_range, output = case when i.part is not null then e.output end
    from unnest(
      ${ends.map((end) => end.id)}::text[], ${ends.map((end) => end.instanceId)}::text[], ${ends.map((end) => end.state)}::text[],
      ${ends.map((end) => end.reasonCode)}::text[], ${reasonValues(ends.map((end) => end.reason))},
      ${ends.map((end) => end.exitCode ?? null)}::int[], ${ends.map((end) => end.hasInstalled)}::boolean[],
      ${ends.map((end) => end.stdoutBytes)}::bigint[], ${ends.map((end) => end.stderrBytes)}::bigint[],
      ${ends.map((end) => end.cutBytes)}::bigint[],
      ${ends.map((end) => (end.scriptRange ? JSON.stringify(end.scriptRange) : null))}::jsonb[],
      ${ends.map((end) => end.output ?? null)}::text[]
    ) as e (id, instance_id, state, reason_code, reason_messages, exit_code, told_installed, stdout_bytes, stderr_bytes, cut_bytes, script_range, output)
    where i.id = e.id and i.instance_id = e.instance_id
      and ${mayMove(sql`i.state`, sql`e.state`)}
    returning i.id, i.instance_id as "instanceId", i.execution_id as "executionId", i.ordinal, i.attempt
  `.execute(connection)
  return rows
}

/**
 * Gives up invocations that are still in the given state; returns those. Invocations that an agent
 * has accepted or answered meanwhile are unchanged. `queued` becomes `withdrawn` (never handed
 * out), any other state `lost`.
 */
export async function failInvocations(
  connection: Connection,
  seen: readonly { readonly invocationId: InvocationId; readonly state: InvocationState }[],
): Promise<{ id: InvocationId; ordinal: number; attempt: number }[]> {
  for (const { invocationId, state } of seen)
    checkMove(invocationId, invocationMoves, state, state === 'queued' ? 'withdrawn' : 'lost')
  const { rows } = await sql<{ id: InvocationId; ordinal: number; attempt: number }>`
    with locked as materialized (
      select i.id, i.state
      from unnest(${seen.map((one) => one.invocationId)}::text[], ${seen.map((one) => one.state)}::text[]) as s (id, state)
      join invocations i on i.id = s.id and i.state = s.state
      order by i.id
      for no key update of i
    )
    update invocations i
    set state = case when l.state = 'queued' then 'withdrawn' else 'lost' end, ended_at = now()
    from locked l
    where i.id = l.id
    returning i.id, i.ordinal, i.attempt
  `.execute(connection)
  return rows
}

/**
 * Stops all invocations of an execution (or of some of its tasks): those that were never handed out
 * are withdrawn and returned, the others get the cancel timeout to answer; returns the instances to
 * nudge.
 */
export async function stopInvocations(
  connection: Connection,
  executionId: ExecutionId,
  ordinals?: readonly number[],
): Promise<{ withdrawn: { ordinal: number; attempt: number }[]; signalled: InstanceId[] }> {
  checkMove(`invocations of ${executionId}`, invocationMoves, 'queued', 'withdrawn')
  const { rows } = await sql<{ ordinal: number; attempt: number; instanceId: InstanceId; state: InvocationState }>`
    with open as materialized (
      select id from invocations
      where execution_id = ${executionId} and cancel_requested_at is null
        and state in ('queued', 'sent', 'accepted', 'waiting', 'downloading', 'running', 'verifying', 'rebooting')
        ${ordinals === undefined ? sql`` : sql`and ordinal = any(${ordinals})`}
      order by id
      for no key update
    )
    update invocations i
    set state = case when i.state = 'queued' then 'withdrawn' else i.state end,
        ended_at = case when i.state = 'queued' then now() end,
        cancel_requested_at = now(),
        deadline_at = now() + ${cancelTimeoutMs} * interval '1 millisecond'
    from open
    where i.id = open.id
    returning i.ordinal, i.attempt, i.instance_id as "instanceId", i.state
  `.execute(connection)
  return {
    withdrawn: rows.filter((row) => row.state === 'withdrawn'),
    signalled: rows.filter((row) => row.state !== 'withdrawn').map((row) => row.instanceId),
  }
}

/** Every attempt of a task, oldest first. */
export async function listInvocationsOfTask(connection: Connection, executionId: ExecutionId, ordinal: number) {
  return connection
    .selectFrom('invocations')
    .selectAll()
    .where('execution_id', '=', executionId)
    .where('ordinal', '=', ordinal)
    .orderBy('attempt')
    .execute()
}
