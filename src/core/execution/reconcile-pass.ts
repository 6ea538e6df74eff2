import { type ExecutionStatus, isEnded } from './execution.ts'
import type { ExecutionMode, ResolvedRateControl } from './rate-control.ts'
import type { Decision, ExecutionChange, ExecutionState } from './reconcile-execution.ts'
import { countRunning, type TaskCount, totalTasks } from './task-counts.ts'

/*
 * A pass of the dispatcher: lock an execution's row, load what `planLoad` says, decide (reconcile-execution.ts), apply, and then
 * `concludePass` says when the next pass is. What is decided about a pass is here, so that the shell and the simulator only carry it out.
 */

/** What is known of an execution before anything but its row and counters is loaded. */
export interface LoadableExecution {
  readonly mode: ExecutionMode
  readonly rateControl: ResolvedRateControl
  readonly openBatch: number
  readonly cancelRequested: boolean
  /** Its tasks have several parts. */
  readonly hasParts: boolean
  readonly counts: readonly TaskCount[]
}

/** Which rows a pass loads: never more than it may change. */
export interface LoadPlan {
  /** The task that an operator named, if it is pending still. Candidates are no others, and without one there are none. */
  readonly named: boolean
  /** How many candidates at most; 0: none is looked for. */
  readonly candidates: number
  /** Running tasks whose next part is due. */
  readonly parts: boolean
  /** The next deadline of an open invocation, and what has passed its own. */
  readonly deadlines: boolean
  /** Open invocations without a cancel. */
  readonly unstopped: boolean
  /** The gate between two batches that it is at. */
  readonly gate: boolean
}

export function planLoad(execution: LoadableExecution): LoadPlan {
  const open = totalTasks(execution.counts, ({ batch }) => batch <= execution.openBatch)
  const running = countRunning(open)
  const free = Math.max(0, execution.rateControl.concurrency - running)
  const isRunning = running > 0
  const { gates, batchSizes } = execution.rateControl
  return {
    named: execution.mode === 'Debug',
    candidates: open.Pending > 0 ? free : 0,
    parts: execution.hasParts && isRunning,
    deadlines: isRunning,
    unstopped: execution.cancelRequested && isRunning,
    gate: (gates?.length ?? 0) > 0 && execution.openBatch > 0 && execution.openBatch < batchSizes.length,
  }
}

/** Pending tasks of open batches that wait for another execution. */
export const countBlocked = (counts: readonly TaskCount[], openBatch: number) =>
  totalTasks(counts, ({ batch, reasonCode }) => batch <= openBatch && reasonCode === 'WaitingForOtherExecution').Pending

/** Waits whose lock was given back are taken away before anything is decided: their tasks may start then. */
export const mayHaveReleasedWaits = ({ blocked, partsWaiting }: Pick<ExecutionState, 'blocked' | 'partsWaiting'>) =>
  blocked > 0 || partsWaiting.length > 0

/** What became of the changes: other transactions do not wait for the execution's lock. */
export interface AppliedPass {
  /** Tasks and parts that were started. */
  readonly startedCount: number
  /** Tasks that were to start and found their instance's lock held. */
  readonly blockedCount: number
}

export interface NextPass {
  /** At once, without anything happening outside. */
  readonly again: boolean
  /** When to look again even if nothing is heard, in ms since 1970. Absent: only when something happens. */
  readonly wakeAt?: number
}

/** @param clock `now` in ms since 1970, on the clock that sets deadlines; `deliveryTimeoutMs` the time that an agent has to take work */
export function concludePass(
  { again, wakeAt }: Pick<Decision, 'again' | 'wakeAt'>,
  { startedCount, blockedCount }: AppliedPass,
  { now, deliveryTimeoutMs }: { readonly now: number; readonly deliveryTimeoutMs: number },
): NextPass {
  // The started invocations have their own deadline, later than any that was loaded.
  const times = [wakeAt, startedCount > 0 ? now + deliveryTimeoutMs : undefined].filter((time) => time !== undefined)
  return {
    // Tasks that wait for another execution leave their slots to the next ones.
    again: again || blockedCount > 0,
    ...(times.length > 0 ? { wakeAt: Math.min(...times) } : {}),
  }
}

/** Fields of an execution's row that a pass changes. */
export interface ExecutionRowChange extends Partial<Omit<Extract<ExecutionChange, { kind: 'setStatus' }>, 'kind'>> {
  readonly openBatch?: number
  /** It starts tasks for the first time. */
  readonly isStarting?: true
  readonly isEnding?: true
  /** The task that an operator named has started: the next one is to be named. */
  readonly isNamedTaskStarted?: true
}

export function changeExecutionRow(
  { hasStarted, taskNamed }: { readonly hasStarted: boolean; readonly taskNamed: boolean },
  changes: readonly ExecutionChange[],
  { startedCount }: Pick<AppliedPass, 'startedCount'>,
): ExecutionRowChange {
  const starts = changes.some(({ kind }) => kind === 'start')
  let row: ExecutionRowChange = {
    ...(starts && !hasStarted ? { isStarting: true } : {}),
    ...(starts && taskNamed && startedCount > 0 ? { isNamedTaskStarted: true } : {}),
  }
  for (const change of changes) {
    if (change.kind === 'openBatch') row = { ...row, openBatch: change.batch }
    if (change.kind !== 'setStatus') continue
    const { status, reasonCode, reason } = change
    row = { ...row, status, reasonCode, reason, ...endOf(status) }
  }
  return row
}

const endOf = (status: ExecutionStatus): Pick<ExecutionRowChange, 'isEnding'> =>
  isEnded(status) ? { isEnding: true } : {}
