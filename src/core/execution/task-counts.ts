import { makeReason, type OutcomeItem, type OutcomeKind, type Reason } from '../reason/reason.ts'
import {
  type ExecutionReasonCode,
  type ExecutionStatus,
  runningTaskStatuses,
  type TaskReasonCode,
  type TaskStatus,
  taskStatuses,
} from './execution.ts'

/**
 * One row of the counters: the number of tasks of a batch with a status and a reason. Batch 0
 * contains the tasks that the plan itself ended.
 */
export interface TaskCount {
  readonly batch: number
  readonly status: TaskStatus
  readonly reasonCode: TaskReasonCode
  readonly count: number
}

/** The number of tasks by status. */
export type StatusTotals = Readonly<Record<TaskStatus, number>>

/** The number of tasks that have started and not ended. */
export const countRunning = (totals: StatusTotals): number =>
  runningTaskStatuses.reduce((sum, status) => sum + totals[status], 0)

/** Totals by status over the rows that `includes` accepts. */
export function totalTasks(
  counts: readonly TaskCount[],
  includes: (row: TaskCount) => boolean = () => true,
): StatusTotals {
  const totals = Object.fromEntries(taskStatuses.map((status) => [status, 0])) as Record<TaskStatus, number>
  for (const row of counts) if (includes(row)) totals[row.status] += row.count
  return totals
}

/** The final status of an execution, with its reason. */
export interface Verdict {
  readonly status: Extract<ExecutionStatus, 'Success' | 'Failed' | 'Cancelled'>
  readonly reasonCode: ExecutionReasonCode
  readonly reason: Reason
}

/** What the verdict depends on besides the counts. */
export interface VerdictTerms {
  readonly cancelRequested: boolean
  /** Any target that is not as requested makes the verdict Failed. */
  readonly strict: boolean
  /** The number of accepted failures: by the rate control, or by a user who resumed after them. */
  readonly acceptedFailures: number
}

/**
 * The verdict that an operator chose for an execution in Debug mode; the reason contains the
 * results of its tasks.
 */
export const completedAsFailed = (counts: readonly TaskCount[]): Verdict => ({
  status: 'Failed',
  reasonCode: 'CompletedAsFailed',
  reason: [...makeReason('CompletedAsFailed'), ...describeOutcome(counts)],
})

/**
 * Success: every target that was planned to change did so or was already as requested, except for
 * accepted failures, and at least one target is as requested (an `update` where nothing is
 * installed has nothing to do). Targets that the plan skipped are counted; with `strict` they, and
 * accepted failures, make it Failed. A cancel that came too late to stop anything hides neither a
 * success nor a spent error budget (design §6).
 */
export function findVerdict(counts: readonly TaskCount[], terms: VerdictTerms): Verdict {
  const totals = totalTasks(counts)
  const overBudget = countReason(counts, 'Cancelled', 'ErrorBudgetSpent')
  const reason = describeOutcome(counts)
  const atGate = countReason(counts, 'Cancelled', 'GateFailed')
  const unsigned = countReason(counts, 'Cancelled', 'SignaturesExpired')
  if (terms.cancelRequested && totals.Cancelled > overBudget + atGate + unsigned)
    return { status: 'Cancelled', reasonCode: 'CancelledByUser', reason }
  if (overBudget > 0) return { status: 'Failed', reasonCode: 'ErrorBudgetSpent', reason }
  if (atGate > 0) return { status: 'Failed', reasonCode: 'GateFailed', reason }
  if (unsigned > 0) return { status: 'Failed', reasonCode: 'SignaturesExpired', reason }
  const notInstalled = countReason(counts, 'Skipped', 'NotInstalled')
  const isAccepted = !terms.strict && totals.Success > 0
  if (totals.Cancelled > 0 || totals.Failed > (isAccepted ? terms.acceptedFailures : 0))
    return { status: 'Failed', reasonCode: 'TargetsFailed', reason }
  if (!isAccepted && totals.Skipped > (terms.strict ? 0 : notInstalled))
    return { status: 'Failed', reasonCode: 'TargetsSkipped', reason }
  const worked = totals.Success - countNothingToDo(counts)
  return { status: 'Success', ...describeSuccess(counts, totals, worked) }
}

function describeSuccess(
  counts: readonly TaskCount[],
  totals: StatusTotals,
  worked: number,
): Pick<Verdict, 'reasonCode' | 'reason'> {
  const reason = describeOutcome(counts, 'acceptedFailures')
  if (totals.Failed > 0 || countReason(counts, 'Skipped', 'SkippedByUser') > 0)
    return { reasonCode: 'FailuresAccepted', reason }
  if (totals.Success > 0 && totals.Skipped > 0) return { reasonCode: 'TargetsLeftOut', reason }
  return { reasonCode: worked > 0 ? 'AllSucceeded' : 'NothingToDo', reason }
}

/** The counts as a reason, in which every target is. */
export const describeOutcome = (
  counts: readonly TaskCount[],
  failed: 'failed' | 'acceptedFailures' = 'failed',
): Reason => makeReason('Outcome', { items: listOutcome(counts, failed) })

/** The same of an execution that has not ended. */
export const describeOutcomeSoFar = (counts: readonly TaskCount[]): Reason =>
  makeReason('OutcomeSoFar', { items: listOutcome(counts, 'failed') })

function listOutcome(counts: readonly TaskCount[], failed: 'failed' | 'acceptedFailures'): OutcomeItem[] {
  const totals = totalTasks(counts)
  const already = countNothingToDo(counts)
  return [
    ...countItem('succeeded', totals.Success - already),
    ...countItem('alreadyAsWanted', already),
    ...explainItem(failed, counts, ({ status }) => status === 'Failed'),
    ...countItem('notInstalled', countReason(counts, 'Skipped', 'NotInstalled')),
    ...explainItem('leftOut', counts, isLeftOut),
    ...explainItem('skipped', counts, isSkippedByUser),
    ...explainItem('cancelled', counts, ({ status }) => status === 'Cancelled'),
    ...countItem('running', countRunning(totals)),
    ...countItem('pending', totals.Pending),
  ]
}

const countItem = (kind: OutcomeKind, count: number): OutcomeItem[] => (count > 0 ? [{ kind, count }] : [])

const isSkippedByUser = ({ status, reasonCode }: TaskCount) => status === 'Skipped' && reasonCode === 'SkippedByUser'
/** The plan skipped it, although it is not as requested. */
const isLeftOut = ({ status, reasonCode }: TaskCount) =>
  status === 'Skipped' && reasonCode !== 'SkippedByUser' && reasonCode !== 'NotInstalled'

function explainItem(
  kind: OutcomeKind,
  counts: readonly TaskCount[],
  includes: (row: TaskCount) => boolean,
): OutcomeItem[] {
  const byReason = new Map<TaskReasonCode, number>()
  for (const row of counts) {
    if (row.count > 0 && includes(row)) byReason.set(row.reasonCode, (byReason.get(row.reasonCode) ?? 0) + row.count)
  }
  const count = [...byReason.values()].reduce((sum, n) => sum + n, 0)
  if (count === 0) return []
  const reasons = [...byReason]
    .sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
    .map(([reasonCode, n]) => ({ reasonCode, count: n }))
  return [{ kind, count, reasons }]
}

/** The instance had it already; NotApplicable: executions of earlier releases. */
const countNothingToDo = (counts: readonly TaskCount[]) =>
  countReason(counts, 'Success', 'AlreadyAsWanted') + countReason(counts, 'Success', 'NotApplicable')

/**
 * Counts within one status: an agent reports the reason of a failure, which must not affect the
 * counts of other statuses.
 */
function countReason(counts: readonly TaskCount[], status: TaskStatus, reasonCode: TaskReasonCode): number {
  return counts.reduce(
    (sum, row) => (row.status === status && row.reasonCode === reasonCode ? sum + row.count : sum),
    0,
  )
}
