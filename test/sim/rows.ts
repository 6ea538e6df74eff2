import type {
  ExecutionReasonCode,
  ExecutionStatus,
  TaskReasonCode,
  TaskStatus,
} from '../../src/core/execution/execution.ts'
import { type InvocationState, isInvocationOpen } from '../../src/core/execution/invocation.ts'
import type { ExecutionMode, ResolvedRateControl } from '../../src/core/execution/rate-control.ts'
import type { ExecutionState } from '../../src/core/execution/reconcile-execution.ts'
import { planLoad } from '../../src/core/execution/reconcile-pass.ts'
import type { TaskCount } from '../../src/core/execution/task-counts.ts'
import type { GateProgress } from '../../src/core/gate/gate.ts'
import type { ExecutionId, InstanceId, InvocationId } from '../../src/core/id.ts'
import { presenceEveryMs } from '../../src/core/limits.ts'
import type { Reason } from '../../src/core/reason/reason.ts'
import type { SimEvent } from './sim-event.ts'

/** The rows of the store as far as reconciling needs them. Only row-changes.ts changes them. */
export interface Rows {
  readonly executions: ExecutionRow[]
  readonly invocations: Map<InvocationId, InvocationRow>
  /** By instance and mutation key. */
  readonly locks: Map<string, { readonly execution: ExecutionRow; readonly task: TaskRow }>
  /** By execution and ordinal. */
  readonly waits: Map<string, { readonly execution: ExecutionRow; readonly task: TaskRow }>
  /** The clock of the database. */
  readonly now: () => number
  /**
   * Whether silence may be judged now: a server has been present all the time, or has handled its
   * absence.
   */
  readonly mayJudge: () => boolean
  /** Called synchronously for every change, for checkers and traces. */
  readonly emit: (event: SimEvent) => void
}

export interface ExecutionRow {
  readonly id: ExecutionId
  /** The mutation key of each part, in order; most have one part. */
  readonly mutationKeys: readonly string[]
  readonly mode: ExecutionMode
  readonly rateControl: ResolvedRateControl
  readonly deliveryTimeoutMs: number
  readonly timeoutMs: number
  readonly strict: boolean
  readonly tasks: readonly TaskRow[]
  /** Updated incrementally like the counters of the store, never recounted. */
  readonly counts: Map<string, TaskCount>
  status: ExecutionStatus
  reasonCode: ExecutionReasonCode
  reason: Reason
  openBatch: number
  pauseRequested: boolean
  acceptedFailures: number
  cancelRequested: boolean
  /** Debug: the task that an operator named last. */
  namedOrdinal: number | undefined
  /** The latest gate that it was at. */
  gate: GateProgress | undefined
}

export interface TaskRow {
  readonly ordinal: number
  readonly batch: number
  readonly instanceId: InstanceId
  status: TaskStatus
  reasonCode: TaskReasonCode
  attempt: number
  part: number
  /** The previous part has succeeded, and this one has not started. */
  partDue: boolean
}

export interface InvocationRow {
  readonly id: InvocationId
  readonly execution: ExecutionRow
  readonly task: TaskRow
  readonly attempt: number
  readonly part: number
  readonly instanceId: InstanceId
  state: InvocationState
  deadlineAt: number
  cancelRequested: boolean
  /** Timed out, and the agent has reported that it has no record of it. */
  disowned: boolean
}

export const lockKey = (execution: ExecutionRow, task: TaskRow) =>
  `${task.instanceId} ${execution.mutationKeys[task.part]}`
export const waitKey = (execution: ExecutionRow, task: TaskRow) => `${execution.id} ${task.ordinal}`

export const listOpenInvocations = (rows: Rows, execution: ExecutionRow) =>
  [...rows.invocations.values()].filter((row) => row.execution === execution && isInvocationOpen(row.state))

export const listCounts = (execution: ExecutionRow) => [...execution.counts.values()].filter(({ count }) => count !== 0)

/** Small, so that small scenarios reach every limit; the store has 1,000 and 5,000. */
const overdueLimit = 3
export const endPendingLimit = 2
/** More candidates than free places: the state only promises that a prefix is enough. */
const candidatesBeyond = 2

export interface LoadedExecution {
  readonly state: ExecutionState
  readonly candidates: readonly TaskRow[]
  readonly due: readonly TaskRow[]
}

/** Debug: the task that an operator named, if it is still pending. */
export const findNamed = ({ tasks, namedOrdinal }: ExecutionRow) =>
  tasks.find(({ ordinal, status }) => ordinal === namedOrdinal && status === 'Pending')

/** The result of the store's `lockExecutionState`, which omits ended executions. */
export function loadExecution(rows: Rows, execution: ExecutionRow): LoadedExecution {
  const now = rows.now()
  const counts = listCounts(execution)
  const load = planLoad({ ...execution, hasParts: execution.mutationKeys.length > 1, counts })
  const named = findNamed(execution)
  const pending = execution.tasks.filter(
    (task) => task.status === 'Pending' && task.batch <= execution.openBatch && (!load.named || task === named),
  )
  const ready = pending.filter((task) => !rows.waits.has(waitKey(execution, task)))
  const candidates = ready
    .sort((a, b) => a.batch - b.batch || a.ordinal - b.ordinal)
    .slice(0, load.candidates === 0 ? 0 : load.candidates + candidatesBeyond)
  const open = listOpenInvocations(rows, execution).sort((a, b) => a.deadlineAt - b.deadlineAt)
  const invocations = load.deadlines ? open : []
  const mayJudge = rows.mayJudge()
  const nextDeadlineAt =
    mayJudge || !load.deadlines
      ? invocations.find(({ deadlineAt }) => deadlineAt > now)?.deadlineAt
      : now + presenceEveryMs
  const due = load.parts ? execution.tasks.filter(({ partDue }) => partDue) : []
  const waits = (task: TaskRow) => rows.waits.has(waitKey(execution, task))
  return {
    candidates,
    due,
    state: {
      status: execution.status,
      reasonCode: execution.reasonCode,
      reason: execution.reason,
      mode: execution.mode,
      rateControl: execution.rateControl,
      openBatch: execution.openBatch,
      pauseRequested: execution.pauseRequested,
      acceptedFailures: execution.acceptedFailures,
      cancelRequested: execution.cancelRequested,
      strict: execution.strict,
      taskNamed: named !== undefined,
      counts,
      candidates: candidates.map(({ ordinal }) => ordinal),
      blocked: pending.length - ready.length,
      partsDue: due.filter((task) => !waits(task)).map(({ ordinal }) => ordinal),
      partsWaiting: due.filter(waits).map(({ ordinal }) => ordinal),
      overdue: invocations
        .filter(({ deadlineAt }) => mayJudge && deadlineAt <= now)
        .slice(0, overdueLimit)
        .map(({ id, task, state, cancelRequested }) => ({
          invocationId: id,
          ordinal: task.ordinal,
          state,
          cancelRequested,
        })),
      gate: load.gate ? execution.gate : undefined,
      unstopped: load.unstopped ? open.filter((row) => !row.cancelRequested).length : 0,
      ...(nextDeadlineAt === undefined ? {} : { nextDeadlineAt }),
    },
  }
}
