import { isEnded } from '../execution/execution.ts'
import type { ExecutionChange, ExecutionState } from '../execution/reconcile-execution.ts'
import { totalTasks } from '../execution/task-counts.ts'
import { renderGate } from '../gate/parse-gate.ts'
import type { EventType, ExecutionFacts } from './event.ts'

/** What an event adds to the identity of its execution. */
export type EventOfPass = { readonly type: EventType } & Omit<
  ExecutionFacts,
  'id' | 'operation' | 'description' | 'startedBy' | 'taskCount'
>

/**
 * The events of one pass of the dispatcher, in order. They are stored in the transaction of the
 * changes, so that each happens once.
 * @param state before the changes
 * @param isStarting whether the changes start its first tasks
 */
export function findExecutionEvents(
  state: Pick<ExecutionState, 'status' | 'reasonCode' | 'reason' | 'counts' | 'gate' | 'rateControl'>,
  changes: readonly ExecutionChange[],
  isStarting: boolean,
): EventOfPass[] {
  const { status, reasonCode, reason, rateControl } = state
  const before = { status, reasonCode, reason, counts: totalTasks(state.counts) }
  const gateText = (index: number) => {
    const gate = rateControl.gates?.[index]
    return gate ? renderGate(gate) : ''
  }
  const events: EventOfPass[] = isStarting ? [{ ...before, type: 'execution.started' }] : []
  for (const change of changes) {
    if (change.kind === 'beginGate' && rateControl.gates?.[change.gate]?.kind === 'approval')
      events.push({
        ...before,
        type: 'execution.approvalRequired',
        batch: change.batch,
        gate: gateText(change.gate),
      })
    if (change.kind === 'endGate' && change.outcome === 'failed' && state.gate)
      events.push({
        ...before,
        type: 'execution.gateFailed',
        reason: change.reason,
        batch: state.gate.batch,
        gate: gateText(state.gate.gate),
      })
    if (change.kind !== 'setStatus') continue
    const after = { ...before, status: change.status, reasonCode: change.reasonCode, reason: change.reason }
    if (change.reasonCode === 'ErrorBudgetSpent' && reasonCode !== 'ErrorBudgetSpent')
      events.push({ ...after, type: 'execution.budgetSpent' })
    if (isEnded(change.status)) events.push({ ...after, type: 'execution.finished' })
  }
  return events
}
