import {
  type ExecutionReasonCode,
  type ExecutionStatus,
  type TaskReasonCode,
  type TaskStatus,
  taskStatuses,
} from './execution.ts'

/** One row of the counters: so many tasks of a batch are in a status for a reason. Batch 0 holds what the plan ended itself. */
export interface TaskCount {
  readonly batch: number
  readonly status: TaskStatus
  readonly reasonCode: TaskReasonCode
  readonly count: number
}

export type StatusTotals = Readonly<Record<TaskStatus, number>>

/** Totals by status over the rows that `includes` accepts. */
export function totalTasks(
  counts: readonly TaskCount[],
  includes: (row: TaskCount) => boolean = () => true,
): StatusTotals {
  const totals = Object.fromEntries(taskStatuses.map((status) => [status, 0])) as Record<TaskStatus, number>
  for (const row of counts) if (includes(row)) totals[row.status] += row.count
  return totals
}

export interface Verdict {
  readonly status: Extract<ExecutionStatus, 'Success' | 'Failed' | 'Cancelled'>
  readonly reasonCode: ExecutionReasonCode
  readonly reason: string
}

/**
 * The verdict that cannot lie (design §6): Success only if every planned target succeeded or was already as wanted.
 * A cancel that came too late to stop anything hides neither a success nor a spent error budget; a target that could not be served is
 * never hidden.
 */
export function findVerdict(counts: readonly TaskCount[], cancelRequested: boolean): Verdict {
  const totals = totalTasks(counts)
  const reason = describeOutcome(counts)
  const overBudget = countReason(counts, 'Cancelled', 'ErrorBudgetSpent')
  if (cancelRequested && totals.Cancelled > overBudget)
    return { status: 'Cancelled', reasonCode: 'CancelledByUser', reason }
  if (overBudget > 0) return { status: 'Failed', reasonCode: 'ErrorBudgetSpent', reason }
  if (totals.Failed > 0 || totals.Cancelled > 0) return { status: 'Failed', reasonCode: 'TargetsFailed', reason }
  if (totals.Skipped > 0) return { status: 'Failed', reasonCode: 'TargetsSkipped', reason }
  const worked = totals.Success - countNothingToDo(counts)
  return { status: 'Success', reasonCode: worked > 0 ? 'AllSucceeded' : 'NothingToDo', reason }
}

/** An operator says it of an execution in Debug mode; what became of its tasks is in the reason. */
export const completedAsFailed = (counts: readonly TaskCount[]): Verdict => ({
  status: 'Failed',
  reasonCode: 'CompletedAsFailed',
  reason: `Completed as failed: ${describeOutcome(counts)}`,
})

/** Such as `97 succeeded, 2 already as wanted, 1 failed (Unreachable 1)`: every target is in it. */
export function describeOutcome(counts: readonly TaskCount[]): string {
  const totals = totalTasks(counts)
  const already = countNothingToDo(counts)
  const parts = [
    ...(totals.Success - already > 0 ? [`${totals.Success - already} succeeded`] : []),
    ...(already > 0 ? [`${already} already as wanted`] : []),
    ...describeStatus(counts, totals, 'Failed', 'failed'),
    ...describeStatus(counts, totals, 'Skipped', 'skipped'),
    ...describeStatus(counts, totals, 'Cancelled', 'cancelled'),
    ...(totals.Running > 0 ? [`${totals.Running} running`] : []),
    ...(totals.Pending > 0 ? [`${totals.Pending} pending`] : []),
  ]
  return parts.length > 0 ? parts.join(', ') : 'no targets'
}

function describeStatus(
  counts: readonly TaskCount[],
  totals: StatusTotals,
  status: TaskStatus,
  word: string,
): string[] {
  if (totals[status] === 0) return []
  const byReason = new Map<TaskReasonCode, number>()
  for (const row of counts) {
    if (row.status === status && row.count > 0)
      byReason.set(row.reasonCode, (byReason.get(row.reasonCode) ?? 0) + row.count)
  }
  const reasons = [...byReason].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1)).map(([code, n]) => `${code} ${n}`)
  return [`${totals[status]} ${word} (${reasons.join(', ')})`]
}

/** The instance had it already, or (update) has nothing that could be updated. */
const countNothingToDo = (counts: readonly TaskCount[]) =>
  countReason(counts, 'Success', 'AlreadyAsWanted') + countReason(counts, 'Success', 'NotApplicable')

/** Of one status: an agent says the reason of a failure, and must not change by it what others' counts mean. */
function countReason(counts: readonly TaskCount[], status: TaskStatus, reasonCode: TaskReasonCode): number {
  return counts.reduce(
    (sum, row) => (row.status === status && row.reasonCode === reasonCode ? sum + row.count : sum),
    0,
  )
}
