import { findGateStep } from '../gate/find-gate-step.ts'
import type { GateProgress } from '../gate/gate.ts'
import type { InvocationId } from '../id.ts'
import { cancelTimeoutMs, defaultRebootTimeoutMs } from '../limits.ts'
import { renderEnglishReason } from '../reason/english-reasons.ts'
import { makeReason, type Reason } from '../reason/reason.ts'
import { findStartDelay, type StartDelay, type StartTiming } from '../timing/find-start-delay.ts'
import type { PlanApproval } from '../trust/plan-approval.ts'
import { awaitSignatures, type SignatureHold } from './await-signatures.ts'
import { type ExecutionReasonCode, type ExecutionStatus, isEnded, type TaskReasonCode } from './execution.ts'
import type { InvocationState } from './invocation.ts'
import type { ExecutionMode, ResolvedRateControl } from './rate-control.ts'
import {
  completedAsFailed,
  countRunning,
  describeOutcomeSoFar,
  findVerdict,
  type TaskCount,
  totalTasks,
} from './task-counts.ts'

/**
 * Decides about an execution: from its state and the time to the changes, each with a reason.
 *
 * The input is the execution, its counters, the next candidates and the overdue invocations: never
 * all tasks (design §6). The rules, in the order in which they apply:
 *
 *   1. An ended execution does not change any more.
 *   2. An invocation past its deadline ends its task: Unreachable if it was never handed out,
 *      RebootTimedOut if its machine did not return from a reboot, else Lost; CancelUnconfirmed if
 *      it was cancelled and its agent did not answer.
 *   3. A running task whose next part is due continues with it, also if no new task may start; if
 *      it was cancelled, it ends.
 *   4. Cancel: pending tasks end, running ones are cancelled, nothing starts.
 *   5. Error budget (Automatic): failures > maxErrors: nothing starts, running tasks may finish,
 *      the rest ends.
 *   6. Nothing pending and nothing running: the verdict; but with an undecided failure
 *      (FailurePause) the operator is asked first.
 *   7. A pause, or such a failure: nothing starts.
 *   8. A batch opens when all earlier ones have ended and the gates after the last one hold; with a
 *      batch pause after an operator resumes. A gate that has failed pauses the execution, or ends
 *      the rest.
 *   9. Before enough approvers have signed the plan nothing starts; when their signatures have
 *      expired, the rest ends. Before the start time, outside the maintenance window and in a freeze nothing starts.
 *  10. Debug: only the task that an operator named starts; when it has ended, the execution waits
 *      for the next one. Failures do not end it.
 *  11. Otherwise tasks of open batches start in order, up to the concurrency.
 *
 * Reconciling is idempotent: after the changes are applied the same rules give no further change.
 */
export interface ExecutionState {
  readonly status: ExecutionStatus
  readonly reasonCode: ExecutionReasonCode
  readonly reason: Reason
  readonly mode: ExecutionMode
  readonly rateControl: ResolvedRateControl
  /** Highest batch that may start tasks; 0 before the first. */
  readonly openBatch: number
  readonly pauseRequested: boolean
  readonly acceptedFailures: number
  readonly cancelRequested: boolean
  /**
   * Debug: an operator completed it with the verdict Failed, whatever the results of its tasks are.
   */
  readonly completedAsFailed?: boolean | undefined
  /** Any target that is not as requested makes the verdict Failed. */
  readonly strict: boolean
  /** Debug: an operator named a task that is still pending. */
  readonly taskNamed: boolean
  readonly counts: readonly TaskCount[]
  /**
   * Ordinals that may start now: pending, in an open batch, not waiting for another execution; in
   * order; a prefix is enough. Debug: only the one that an operator named.
   */
  readonly candidates: readonly number[]
  /** Pending tasks of open batches that wait for another execution to release their instance. */
  readonly blocked: number
  /**
   * Running tasks whose next part is due, by ordinal: those that may begin it, and those that wait
   * for another execution. A subset is enough.
   */
  readonly partsDue: readonly number[]
  readonly partsWaiting: readonly number[]
  /** Open invocations whose deadline has passed; a subset is enough. */
  readonly overdue: readonly OverdueInvocation[]
  /** Open invocations that were not cancelled (or withdrawn) yet; only used when cancelling. */
  readonly unstopped: number
  /** The signatures of approvers that it needs; absent: none. */
  readonly approval?: PlanApproval | undefined
  /** When tasks may start; absent: at any time. */
  readonly timing?: StartTiming | undefined
  /** The latest gate that it was at; absent: none. */
  readonly gate?: GateProgress | undefined
  /** Earliest deadline of an open invocation that has not passed, in ms since 1970. */
  readonly nextDeadlineAt?: number
}

/** An open invocation whose deadline has passed. */
export interface OverdueInvocation {
  readonly invocationId: InvocationId
  readonly ordinal: number
  readonly state: InvocationState
  readonly cancelRequested: boolean
  /** Why the server could not hand it out so far, while it is queued. */
  readonly handOutError?: string | null
  /** The time limit of its reboot in milliseconds, while it is rebooting. */
  readonly rebootTimeoutMs?: number | null
}

/** A change that the dispatcher applies, with its reason. */
export type ExecutionChange =
  | { readonly kind: 'start'; readonly ordinals: readonly number[]; readonly why: string }
  /** Begins the next part of running tasks. */
  | { readonly kind: 'continue'; readonly ordinals: readonly number[]; readonly why: string }
  /** Ends running tasks between two parts. */
  | { readonly kind: 'endParts'; readonly ordinals: readonly number[]; readonly end: TaskEnd }
  | { readonly kind: 'endTask'; readonly overdue: OverdueInvocation; readonly end: TaskEnd }
  /** Ends pending tasks, a limited number at a time (the shell reports whether more are left). */
  | { readonly kind: 'endPending'; readonly end: TaskEnd }
  /**
   * Withdraws invocations that were not handed out, and cancels the others within the cancel
   * timeout.
   */
  | { readonly kind: 'stopRunning'; readonly deadlineMs: number; readonly why: string }
  /** Begins the gate with this index after a batch; `endGate` ends the latest one. */
  | { readonly kind: 'beginGate'; readonly batch: number; readonly gate: number }
  | { readonly kind: 'endGate'; readonly outcome: 'passed' | 'failed'; readonly reason: Reason }
  | { readonly kind: 'openBatch'; readonly batch: number; readonly why: string }
  | {
      readonly kind: 'setStatus'
      readonly status: ExecutionStatus
      readonly reasonCode: ExecutionReasonCode
      readonly reason: Reason
    }

/** How a task ends. */
export interface TaskEnd {
  readonly status: 'Failed' | 'Cancelled'
  readonly reasonCode: TaskReasonCode
  readonly reason: Reason
}

/** The changes, in order, and when to reconcile again. */
export interface Decision {
  readonly changes: readonly ExecutionChange[]
  /**
   * Whether more can be decided immediately after these changes are applied, without an external
   * event.
   */
  readonly again: boolean
  /**
   * When to reconcile again even without an event, in ms since 1970. Absent: only after an event.
   */
  readonly wakeAt?: number
}

/** A poke ends the wait for another execution's lock; this covers a lost poke. */
const blockedRecheckMs = 5_000

/**
 * Applies the rules that are documented at `ExecutionState`. @param now the database's clock, in ms
 * since 1970
 */
export function reconcileExecution(state: ExecutionState, now: number): Decision {
  if (isEnded(state.status)) return { changes: [], again: false }
  if (state.overdue.length > 0) return { changes: state.overdue.map(endOverdue), again: true }
  const parts = settleParts(state)
  if (parts) return { changes: [parts], again: true }
  const decision = reconcileTasks(state, now)
  const recheckAt = state.partsWaiting.length > 0 ? now + blockedRecheckMs : undefined
  return { ...decision, ...wake(recheckAt, decision.wakeAt) }
}

function settleParts({ cancelRequested, partsDue, partsWaiting }: ExecutionState): ExecutionChange | undefined {
  if (!cancelRequested)
    return partsDue.length > 0
      ? { kind: 'continue', ordinals: partsDue, why: 'the part before it has succeeded' }
      : undefined
  const ordinals = [...partsDue, ...partsWaiting]
  const end: TaskEnd = {
    status: 'Cancelled',
    reasonCode: 'CancelledByUser',
    reason: makeReason('CancelledBeforeStart'),
  }
  return ordinals.length > 0 ? { kind: 'endParts', ordinals, end } : undefined
}

function reconcileTasks(state: ExecutionState, now: number): Decision {
  const totals = totalTasks(state.counts)
  const running = countRunning(totals)
  const working = totals.Pending + running

  const unseenFailures = countUnseenFailures(state, totals.Failed)

  if (working === 0 && (unseenFailures === 0 || state.cancelRequested)) return endWith(state)
  if (state.cancelRequested) return cancelRest(state, totals.Pending, running)
  if (state.mode === 'Automatic' && totals.Failed > state.rateControl.maxErrors) {
    return spendBudget(state, totals.Failed, totals.Pending, running)
  }

  if (state.pauseRequested)
    return settle(state, 'Waiting', 'PausedByUser', [...makeReason('Paused'), ...describeOutcomeSoFar(state.counts)])
  if (unseenFailures > 0 && state.mode === 'FailurePause') {
    const ask = makeReason('FailuresToDecide', { failed: unseenFailures })
    return settle(state, 'Waiting', 'FailurePause', [...ask, ...describeOutcomeSoFar(state.counts)])
  }

  const hold = totals.Pending > 0 && state.approval ? awaitSignatures(state.approval, now) : undefined
  if (hold) return holdForSignatures(state, running, hold)

  const open = totalTasks(state.counts, (row) => row.batch <= state.openBatch)
  const openRunning = countRunning(open)
  const isBatchDone = open.Pending + openRunning === 0 && working > 0
  const atGate = isBatchDone ? passGates(state, now) : undefined
  if (atGate) return atGate
  const delay = totals.Pending > 0 && state.timing ? findStartDelay(state.timing, now) : undefined
  if (delay) return waitForTime(state, running, delay)
  if (isBatchDone) return openNext(state)
  if (state.mode === 'Debug' && openRunning === 0 && !state.taskNamed) return askForTask(state, working)
  return startTasks(state, state.mode === 'Debug' ? 1 : open.Pending, openRunning, now)
}

/** In Debug mode a failed task can be started again, until an operator completes the execution. */
function countUnseenFailures({ mode, acceptedFailures }: ExecutionState, failed: number): number {
  switch (mode) {
    case 'Automatic':
      return 0
    case 'FailurePause':
      return Math.max(0, failed - acceptedFailures)
    case 'Debug':
      return failed
  }
}

function askForTask(state: ExecutionState, pending: number): Decision {
  const ask = makeReason(pending > 0 ? 'NextTaskToName' : 'FailedTasksToDecide')
  return settle(state, 'Waiting', 'DebugPause', [...ask, ...describeOutcomeSoFar(state.counts)])
}

function endWith(state: ExecutionState): Decision {
  const { cancelRequested, strict, mode, rateControl } = state
  const acceptedFailures = mode === 'FailurePause' ? state.acceptedFailures : rateControl.maxErrors
  const { status, reasonCode, reason } = state.completedAsFailed
    ? completedAsFailed(state.counts)
    : findVerdict(state.counts, { cancelRequested, strict, acceptedFailures })
  const why = reasonCode === 'GateFailed' ? (state.gate?.reason ?? []) : []
  return { changes: [{ kind: 'setStatus', status, reasonCode, reason: [...why, ...reason] }], again: false }
}

function cancelRest(state: ExecutionState, pending: number, running: number): Decision {
  const changes: ExecutionChange[] = []
  if (pending > 0) {
    const end: TaskEnd = {
      status: 'Cancelled',
      reasonCode: 'CancelledByUser',
      reason: makeReason('CancelledBeforeStart'),
    }
    changes.push({ kind: 'endPending', end })
  }
  if (state.unstopped > 0) {
    changes.push({ kind: 'stopRunning', deadlineMs: cancelTimeoutMs, why: 'the execution was cancelled' })
  }
  const again = changes.length > 0
  const status = settle(state, 'Running', 'CancelRequested', makeReason('Cancelling', { running }))
  return { ...status, changes: [...changes, ...status.changes], again }
}

function spendBudget(state: ExecutionState, failed: number, pending: number, running: number): Decision {
  const { maxErrors } = state.rateControl
  const changes: ExecutionChange[] = []
  if (pending > 0) {
    const reason = makeReason('NotStartedBudgetSpent', { failed, maxErrors })
    changes.push({ kind: 'endPending', end: { status: 'Cancelled', reasonCode: 'ErrorBudgetSpent', reason } })
  }
  const reason = makeReason('BudgetSpent', { failed, maxErrors, running })
  const status = settle(state, 'Running', 'ErrorBudgetSpent', reason)
  return { ...status, changes: [...changes, ...status.changes], again: changes.length > 0 }
}

/** Undefined: every gate after the open batch is passed. */
function passGates(state: ExecutionState, now: number): Decision | undefined {
  const { openBatch: batch, gate: progress, rateControl } = state
  const { gates = [], onGateFailure = 'pause' } = rateControl
  if (batch === 0) return undefined
  const step = findGateStep(gates, { batch, progress }, now)
  switch (step.kind) {
    case 'open':
      return undefined
    case 'enter':
      return { changes: [{ kind: 'beginGate', batch, gate: step.gate }], again: true }
    case 'leave':
      return { changes: [{ kind: 'endGate', outcome: step.outcome, reason: step.reason }], again: true }
    case 'wait': {
      const decision = settle(state, 'Waiting', 'GateWait', step.reason)
      return { ...decision, ...wake(step.until, decision.wakeAt) }
    }
    case 'failed':
      if (onGateFailure === 'pause')
        return settle(state, 'Waiting', 'GateFailed', [...step.reason, ...describeOutcomeSoFar(state.counts)])
      return stopAtGate(batch, step.reason)
  }
}

/** Running tasks may finish. */
function waitForTime(state: ExecutionState, running: number, { reasonCode, reason, until }: StartDelay): Decision {
  const decision = settle(state, running > 0 ? 'Running' : 'Waiting', reasonCode, reason)
  return { ...decision, ...wake(until, decision.wakeAt) }
}

/** Running tasks may finish. */
function holdForSignatures(state: ExecutionState, running: number, hold: SignatureHold): Decision {
  if (hold.kind === 'expired') {
    const end: TaskEnd = { status: 'Cancelled', reasonCode: 'SignaturesExpired', reason: hold.reason }
    return { changes: [{ kind: 'endPending', end }], again: true }
  }
  const decision = settle(state, running > 0 ? 'Running' : 'Waiting', 'AwaitingSignatures', hold.reason)
  return { ...decision, ...wake(hold.until, decision.wakeAt, state.nextDeadlineAt) }
}

function stopAtGate(batch: number, why: Reason): Decision {
  const reason = [...makeReason('NotStartedGateFailed', { batch }), ...why]
  return {
    changes: [{ kind: 'endPending', end: { status: 'Cancelled', reasonCode: 'GateFailed', reason } }],
    again: true,
  }
}

function openNext(state: ExecutionState): Decision {
  const { batchSizes, batchPause } = state.rateControl
  const next = state.openBatch + 1
  const asks =
    state.openBatch > 0 &&
    (batchPause === 'EveryBatchPause' || (batchPause === 'FirstBatchPause' && state.openBatch === 1))
  if (asks) {
    const ask = makeReason('BatchDone', { batch: state.openBatch, batchCount: batchSizes.length, next })
    return settle(state, 'Waiting', 'BatchPause', [...ask, ...describeOutcomeSoFar(state.counts)])
  }
  const why = state.openBatch === 0 ? 'the execution begins' : `batch ${state.openBatch} is done`
  return { changes: [{ kind: 'openBatch', batch: next, why }], again: true }
}

function startTasks(state: ExecutionState, pending: number, running: number, now: number): Decision {
  const free = Math.max(0, state.rateControl.concurrency - running)
  const ordinals = state.candidates.slice(0, free)
  const changes: ExecutionChange[] = []
  if (ordinals.length > 0) {
    const why = `batch ${state.openBatch} is open and ${running} of ${state.rateControl.concurrency} run`
    changes.push({ kind: 'start', ordinals, why })
  }
  const stuck = running === 0 && ordinals.length === 0 && state.blocked >= pending
  const status = stuck
    ? settle(state, 'Queued', 'WaitingForOtherExecution', makeReason('TasksWaitForOthers', { count: state.blocked }))
    : settle(
        state,
        'Running',
        'Dispatching',
        makeReason('BatchOpen', { batch: state.openBatch, batchCount: state.rateControl.batchSizes.length }),
      )
  const recheckAt = state.blocked > 0 ? now + blockedRecheckMs : undefined
  return { changes: [...changes, ...status.changes], again: false, ...wake(recheckAt, state.nextDeadlineAt) }
}

/**
 * The new status; no change if it is the current one. A question to the operator is kept up to
 * date, because the operator answers its current text; counts in other sentences are those at the
 * time of the status change.
 */
function settle(
  state: ExecutionState,
  status: ExecutionStatus,
  reasonCode: ExecutionReasonCode,
  reason: Reason,
): Decision {
  const current =
    (status !== 'Waiting' && reasonCode !== 'Dispatching') ||
    renderEnglishReason(state.reason) === renderEnglishReason(reason)
  const same = state.status === status && state.reasonCode === reasonCode && current
  return {
    changes: same ? [] : [{ kind: 'setStatus', status, reasonCode, reason }],
    again: false,
    ...wake(state.nextDeadlineAt),
  }
}

function wake(...times: (number | undefined)[]): { wakeAt?: number } {
  const known = times.filter((time) => time !== undefined)
  return known.length > 0 ? { wakeAt: Math.min(...known) } : {}
}

function endOverdue(overdue: OverdueInvocation): ExecutionChange {
  return { kind: 'endTask', overdue, end: findOverdueEnd(overdue) }
}

function findOverdueEnd(overdue: OverdueInvocation): TaskEnd {
  if (overdue.state === 'queued' && overdue.handOutError) {
    const reason = makeReason('HandOutFailed', { error: overdue.handOutError })
    return { status: 'Failed', reasonCode: 'NotHandedOut', reason }
  }
  if (overdue.state === 'queued')
    return { status: 'Failed', reasonCode: 'Unreachable', reason: makeReason('DeliveryTimedOut') }
  const unknown = makeReason('UnknownUntilBack')
  if (overdue.cancelRequested) {
    const unconfirmed = makeReason('StopUnconfirmed', { seconds: cancelTimeoutMs / 1000 })
    return { status: 'Cancelled', reasonCode: 'CancelUnconfirmed', reason: [...unconfirmed, ...unknown] }
  }
  if (overdue.state === 'rebooting') {
    const minutes = Math.ceil((overdue.rebootTimeoutMs ?? defaultRebootTimeoutMs) / 60_000)
    const reason = [...makeReason('RebootTimedOut', { minutes }), ...unknown]
    return { status: 'Failed', reasonCode: 'RebootTimedOut', reason }
  }
  const hasStarted = overdue.state !== 'accepted' && overdue.state !== 'waiting'
  const lost = overdue.state === 'sent' ? 'ReceiptUnconfirmed' : hasStarted ? 'LostAfterStart' : 'LostBeforeStart'
  return { status: 'Failed', reasonCode: 'Lost', reason: [...makeReason(lost), ...unknown] }
}
