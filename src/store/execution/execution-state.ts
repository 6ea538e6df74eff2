import { sql } from 'kysely'
import { mayJudgeSilence } from '../../core/execution/absence.ts'
import { isSequence, mutationKeyOf } from '../../core/execution/operation/operations.ts'
import { summariseOperation } from '../../core/execution/operation/summarise-operation.ts'
import type { ExecutionState, OverdueInvocation } from '../../core/execution/reconcile-execution.ts'
import { countBlocked, planLoad } from '../../core/execution/reconcile-pass.ts'
import type { AccountId, ExecutionId, InstanceId } from '../../core/id.ts'
import { presenceEveryMs } from '../../core/limits.ts'
import type { ExecutionFacts } from '../../core/notification/event.ts'
import { readReason } from '../../core/reason/read-reason.ts'
import type { StartTiming } from '../../core/timing/find-start-delay.ts'
import { readLocalTime } from '../../lib/local-time.ts'
import type { Connection } from '../database/database.ts'
import { rebootTimeoutOf } from '../report/invocations.ts'
import { getSeenAt } from '../server/server-presence.ts'
import { listTaskCounts } from '../task/task-counts.ts'
import { type DuePart, listDueParts } from '../task/task-parts.ts'
import type { Candidate } from '../task/task-starts.ts'
import { getLatestGate } from './execution-gates.ts'
import { type NarrowExecutionRow, narrowColumns } from './executions.ts'

/** The input of reconciling, and the data needed to apply its changes. */
export interface LockedExecution {
  readonly id: ExecutionId
  readonly accountId: AccountId
  /** What events contain besides its state. */
  readonly description: Pick<ExecutionFacts, 'operation' | 'description' | 'startedBy' | 'taskCount'>
  readonly revision: number
  readonly deliveryTimeoutMs: number
  readonly hasStarted: boolean
  readonly taskNamed: boolean
  readonly state: ExecutionState
  readonly candidates: readonly Candidate[]
  /** Running tasks whose next part is due. */
  readonly due: readonly DuePart[]
  /**
   * The database's clock in ms since 1970: it sets and compares all deadlines, whatever the clocks
   * of the servers are.
   */
  readonly now: number
}

/** Large enough to justify a transaction, small enough to keep it short. */
const overdueLimit = 1_000

/**
 * Locks an execution and loads the input of reconciling: no query here reads more rows than it may
 * change. Undefined if the execution does not exist or has ended.
 */
export async function lockExecutionState(
  connection: Connection,
  id: ExecutionId,
): Promise<LockedExecution | undefined> {
  const { rows } = await sql<NarrowExecutionRow & { now: Date; freeze: Freeze | null }>`
    select ${sql.join(narrowColumns.map((name) => sql.ref(name)))}, clock_timestamp() as now, ${currentFreeze} as freeze
    from executions where id = ${id} and ended_at is null for update
  `.execute(connection)
  const row = rows[0]
  if (!row) return undefined
  const counts = (await listTaskCounts(connection, [id])).get(id) ?? []
  const load = planLoad({
    mode: row.mode,
    rateControl: row.rate_control,
    openBatch: row.open_batch,
    cancelRequested: row.cancel_requested_at !== null,
    hasParts: isSequence(row.operation),
    counts,
  })
  const named = load.named ? await getNamedOrdinal(connection, row) : undefined
  const mayStart = load.candidates > 0 && (!load.named || named !== undefined)
  const candidates = mayStart ? await listCandidates(connection, row, load.candidates, named) : []
  const due = load.parts ? await listDueParts(connection, row) : []
  const deadlines = load.deadlines ? await listDeadlines(connection, id, row.now) : { overdue: [] }
  const gate = load.gate ? await getLatestGate(connection, id) : undefined
  const unstopped = load.unstopped ? await countUnstopped(connection, id) : 0
  return {
    id,
    accountId: row.account_id as AccountId,
    description: {
      operation: summariseOperation(row.operation),
      description: row.description,
      startedBy: row.created_by,
      taskCount: row.task_count,
    },
    revision: row.revision + 1,
    deliveryTimeoutMs: row.delivery_timeout_ms,
    hasStarted: row.started_at !== null,
    taskNamed: named !== undefined,
    candidates,
    due,
    now: row.now.getTime(),
    state: {
      status: row.status,
      reasonCode: row.reason_code,
      reason: readReason(row),
      mode: row.mode,
      rateControl: row.rate_control,
      openBatch: row.open_batch,
      pauseRequested: row.pause_requested,
      acceptedFailures: row.accepted_failures,
      cancelRequested: row.cancel_requested_at !== null,
      completedAsFailed: row.completed_as === 'Failed',
      strict: row.strict,
      taskNamed: named !== undefined,
      counts,
      candidates: candidates.map(({ ordinal }) => ordinal),
      blocked: countBlocked(counts, row.open_batch),
      partsDue: due.filter(({ waiting }) => !waiting).map(({ ordinal }) => ordinal),
      partsWaiting: due.filter(({ waiting }) => waiting).map(({ ordinal }) => ordinal),
      overdue: deadlines.overdue,
      unstopped,
      gate,
      timing: describeTiming(row, row.now.getTime()),
      approval: row.approval ?? undefined,
      ...(deadlines.nextDeadlineAt === undefined ? {} : { nextDeadlineAt: deadlines.nextDeadlineAt.getTime() }),
    },
  }
}

interface Freeze {
  readonly name: string
  /** In ms since 1970. */
  readonly until: number
}

/** The freeze of the account that ends last, if one is in effect. */
const currentFreeze = sql<Freeze | null>`(
  select jsonb_build_object('name', f.name, 'until', floor(extract(epoch from f.ends_at) * 1000)) from freezes f
  where f.account_id = executions.account_id and f.begins_at <= clock_timestamp() and f.ends_at > clock_timestamp()
  order by f.ends_at desc limit 1
)`

function describeTiming(
  { timing, freeze }: Pick<NarrowExecutionRow, 'timing'> & { readonly freeze: Freeze | null },
  now: number,
): StartTiming | undefined {
  if (timing === null && freeze === null) return undefined
  const { notBefore, window, ignoresFreezes } = timing ?? {}
  return {
    notBefore,
    ...(window && { window: { window, local: readLocalTime(window.timeZone, now) } }),
    ...(freeze && !ignoresFreezes && { freeze }),
  }
}

/** Pending tasks that are not waiting, in order. */
async function listCandidates(
  connection: Connection,
  { id, open_batch: openBatch, operation }: NarrowExecutionRow,
  limit: number,
  named: number | undefined,
): Promise<Candidate[]> {
  const { rows } = await sql<{ ordinal: number; attempt: number; instanceId: InstanceId; part: number | null }>`
    select t.ordinal, t.attempt, t.instance_id as "instanceId", t.part
    from task_executions t
    where t.execution_id = ${id} and t.status = 'Pending' and t.batch <= ${openBatch}
      ${named === undefined ? sql`` : sql`and t.ordinal = ${named}`}
      and t.reason_code = 'Planned'
    order by t.batch, t.ordinal
    limit ${limit}
  `.execute(connection)
  return rows.map(({ part, ...row }) => ({ ...row, mutationKey: mutationKeyOf(operation, id, part ?? 0) }))
}

/** Debug mode: the task that an operator named, if it is still pending. */
export async function getNamedOrdinal(
  connection: Connection,
  execution: Pick<NarrowExecutionRow, 'id' | 'named_ordinal'>,
): Promise<number | undefined> {
  if (execution.named_ordinal === null) return undefined
  const row = await connection
    .selectFrom('task_executions')
    .select('ordinal')
    .where('execution_id', '=', execution.id)
    .where('ordinal', '=', execution.named_ordinal)
    .where('status', '=', 'Pending')
    .executeTakeFirst()
  return row?.ordinal
}

/** The next deadline of an open invocation, and the invocations whose deadline has passed. */
async function listDeadlines(
  connection: Connection,
  id: ExecutionId,
  now: Date,
): Promise<{ readonly overdue: readonly OverdueInvocation[]; readonly nextDeadlineAt?: Date | undefined }> {
  const next = await sql<{ deadlineAt: Date }>`
    select deadline_at as "deadlineAt" from invocations
    where execution_id = ${id} and state in ('queued', 'sent', 'accepted', 'waiting', 'downloading', 'running', 'verifying', 'rebooting')
    order by deadline_at limit 1
  `.execute(connection)
  const nextDeadlineAt = next.rows[0]?.deadlineAt
  if (nextDeadlineAt === undefined || nextDeadlineAt > now) return { overdue: [], nextDeadlineAt }
  const { rows } = await sql<OverdueInvocation>`
    select id as "invocationId", ordinal, state, cancel_requested_at is not null as "cancelRequested", hand_out_error as "handOutError",
      case when state = 'rebooting' then ${rebootTimeoutOf(sql`execution_id`)}::float8 end as "rebootTimeoutMs"
    from invocations
    where execution_id = ${id} and deadline_at <= ${now}
      and state in ('queued', 'sent', 'accepted', 'waiting', 'downloading', 'running', 'verifying', 'rebooting')
    order by deadline_at
    limit ${overdueLimit}
  `.execute(connection)
  if (rows.length === 0 || mayJudgeSilence(await getSeenAt(connection), now.getTime()))
    return { overdue: rows, nextDeadlineAt }
  // The silence may be caused by the servers: the next presence heartbeat moves these deadlines
  // first.
  return { overdue: [], nextDeadlineAt: new Date(now.getTime() + presenceEveryMs) }
}

async function countUnstopped(connection: Connection, id: ExecutionId): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from invocations
    where execution_id = ${id} and cancel_requested_at is null
      and state in ('queued', 'sent', 'accepted', 'waiting', 'downloading', 'running', 'verifying', 'rebooting')
  `.execute(connection)
  return rows[0]?.n ?? 0
}
