import type { ExecutionId, InstanceId } from '../id.ts'
import { type GroupSize, judgeGroupSize } from '../instance/group.ts'
import { makeReason, type Reason } from '../reason/reason.ts'

/** The state of an assignment at one moment; its executions are those of its current generation. */
export interface AssignmentState {
  readonly isHalted: boolean
  /** An execution of the assignment that has not ended, of whatever generation. */
  readonly openExecution: ExecutionId | undefined
  /** An ended execution that a user, a gate or a rollback has stopped. */
  readonly stoppedExecution: ExecutionId | undefined
  /** Accepted failures across all executions. */
  readonly budget: number
  /** Instances on which an execution has failed. */
  readonly failed: ReadonlySet<InstanceId>
  readonly group: { readonly name: string; readonly size: GroupSize; readonly known: GroupSize }
  readonly isWindowOpen: boolean
  /** Instances that need a change now and can get it. */
  readonly work: readonly InstanceId[]
  /** Instances that should be repaired: they have what they should have, and no longer hold it. */
  readonly drifted: readonly InstanceId[]
  /** Instances that an execution has changed a moment ago. */
  readonly recent: ReadonlySet<InstanceId>
  /** Of `recent`: changed more than once. */
  readonly repeated: ReadonlySet<InstanceId>
}

export type AssignmentDecision =
  | { readonly kind: 'wait'; readonly for: 'resume' | 'execution' | 'window' }
  | { readonly kind: 'halt'; readonly reason: Reason }
  | { readonly kind: 'start'; readonly instanceIds: readonly InstanceId[]; readonly maxErrors: number }
  | { readonly kind: 'settled' }

/**
 * Decides what an assignment does now. The rules, in this order:
 *
 *   1. A halted assignment starts nothing.
 *   2. It has one execution at a time: while one is open, it starts none.
 *   3. An execution that was cancelled, failed by a gate or rolled back halts it.
 *   4. More failures than the budget halt it: one budget across all executions.
 *   5. A group that suddenly matches every instance halts it; one that matches none changes nothing.
 *   6. Instances on which it has failed get nothing further, nor do those that it has just changed,
 *      or just changed twice if they have drifted since: what does not take effect must not be
 *      repeated endlessly.
 *   7. Outside its window it waits.
 *   8. An execution starts with all other instances that need a change or a repair, and with the
 *      rest of the budget: instances that join late and repairs count against the same limit.
 *
 * @param limit most instances of one execution
 */
export function decideAssignment(state: AssignmentState, limit: number): AssignmentDecision {
  const { budget, failed, group } = state
  if (state.isHalted) return { kind: 'wait', for: 'resume' }
  if (state.openExecution !== undefined) return { kind: 'wait', for: 'execution' }
  if (state.stoppedExecution !== undefined)
    return { kind: 'halt', reason: makeReason('AssignmentExecutionStopped', { executionId: state.stoppedExecution }) }
  if (failed.size > budget)
    return { kind: 'halt', reason: makeReason('AssignmentBudgetSpent', { failed: failed.size, maxErrors: budget }) }
  const judged = judgeGroupSize(group.size, group.known)
  if (judged === 'everything') {
    const { matching, total } = group.known
    const reason = makeReason('AssignmentGroupUnusual', {
      name: group.name,
      total: group.size.total,
      matching,
      known: total,
    })
    return { kind: 'halt', reason }
  }
  const changes = state.work.filter((id) => !state.recent.has(id))
  const repairs = state.drifted.filter((id) => !state.repeated.has(id))
  const work = [...new Set([...changes, ...repairs])].filter((id) => !failed.has(id))
  if (work.length === 0) return { kind: 'settled' }
  if (!state.isWindowOpen) return { kind: 'wait', for: 'window' }
  return { kind: 'start', instanceIds: work.slice(0, limit), maxErrors: budget - failed.size }
}
