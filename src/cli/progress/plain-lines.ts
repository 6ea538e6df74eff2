import type { BatchView, ExecutionView, TaskView } from '../../protocol/api/executions.ts'
import { countWithNoun, printable } from '../output/printable.ts'
import { countOf, endedCount, type Progress, runningCount, showFailure } from './progress.ts'
import { showOperation } from './show-operation.ts'

/** A single batch has no start and end of its own: its progress is printed at every tenth. */
const stepsOfOneBatch = 10
const fewTasks = 20

/**
 * Lines to print after an event: state changes, batches that open and end, failures. Nothing is
 * printed twice.
 */
export function linesOf(before: Progress | undefined, after: Progress, failed: readonly TaskView[]): string[] {
  const lines: string[] = []
  const { execution } = after
  if (!before) lines.push(openingOf(execution))
  lines.push(...failed.map((task) => printable(`failed: ${showFailure(task)}`)))
  if (execution.rateControl.batchCount > 1) lines.push(...batchLines(before?.execution.batches ?? [], execution))
  else lines.push(...tenthLines(before?.execution, execution))
  lines.push(...stateLines(before?.execution, execution))
  return lines
}

function openingOf(execution: ExecutionView): string {
  const { batches, taskCount, rateControl } = execution
  const sizes = batches.slice(0, 10).map(({ size }) => size)
  const inBatches =
    rateControl.batchCount > 1
      ? ` in ${countWithNoun(rateControl.batchCount, 'batch')} (${sizes.join(', ')}${batches.length > sizes.length ? ', …' : ''})`
      : ''
  return `${execution.id}: ${showOperation(execution)} on ${countWithNoun(taskCount, 'target')}${inBatches}, ${rateControl.concurrency} at once, at most ${countWithNoun(rateControl.maxErrors, 'error')}`
}

function batchLines(before: readonly BatchView[], { batches, rateControl }: ExecutionView): string[] {
  const earlier = new Map(before.map((batch) => [batch.number, batch]))
  return batches.flatMap((batch) => {
    const old = earlier.get(batch.number)
    const name = `batch ${batch.number} of ${rateControl.batchCount}`
    const opened = hasBegun(batch) && !(old && hasBegun(old)) ? [`${name}: ${countWithNoun(batch.size, 'target')}`] : []
    const ended = hasEnded(batch) && !(old && hasEnded(old)) ? [`${name} ended: ${showBatch(batch)}`] : []
    return [...opened, ...ended]
  })
}

/** A task that was cancelled before it ran has no start. */
const hasBegun = ({ running, success, failed, size }: BatchView) => size > 0 && running + success + failed > 0
const hasEnded = (batch: BatchView) => hasBegun(batch) && batch.pending + batch.running === 0

const showBatch = ({ success, failed, cancelled, skipped }: BatchView) =>
  [
    [success, 'succeeded'],
    [failed, 'failed'],
    [cancelled, 'cancelled'],
    [skipped, 'skipped'],
  ]
    .filter(([count]) => count !== 0)
    .map(([count, word]) => `${count} ${word}`)
    .join(', ')

function tenthLines(before: ExecutionView | undefined, after: ExecutionView): string[] {
  if (after.taskCount < fewTasks) return []
  const tenthOf = (execution: ExecutionView | undefined) =>
    execution ? Math.floor((endedCount(execution) * stepsOfOneBatch) / execution.taskCount) : 0
  if (tenthOf(after) <= tenthOf(before)) return []
  const { counts } = after
  const failed = countOf(counts, 'Failed')
  return [
    `${endedCount(after)} of ${after.taskCount} ended${failed > 0 ? `, ${failed} failed` : ''}, ${runningCount(after)} running`,
  ]
}

/** The result reports the end, and running tasks imply Running. */
function stateLines(before: ExecutionView | undefined, { status, reasonCode, reason, ...after }: ExecutionView) {
  const isNew = before?.status !== status || before.reasonCode !== reasonCode
  // A task between two waits may be too fast to be seen: only the reason shows that it ended.
  if (status === 'Waiting' && (isNew || before.reason !== reason))
    return [printable(`waiting: ${reason}`), ...newHints(isNew ? undefined : before, { ...after, reasonCode })]
  if (status === 'Queued' && isNew) return [printable(`queued: ${reason}`)]
  return []
}

/** One gate may follow another with the same reason code: what the user can do changes. */
function newHints(before: ExecutionView | undefined, after: Parameters<typeof waitingHints>[0]): string[] {
  const hints = waitingHints(after)
  return before && waitingHints(before).join() === hints.join() ? [] : hints
}

export const waitingHints = ({
  id,
  reasonCode,
  reasonMessages,
}: Pick<ExecutionView, 'id' | 'reasonCode' | 'reasonMessages'>): string[] => {
  if (waitsForTime.includes(reasonCode)) return [`  to cancel:   chandler execution cancel ${id}`]
  if (reasonCode === 'AwaitingSignatures')
    return [
      `  an approver:  chandler execution approve ${id} --sign KEY`,
      `  to cancel:    chandler execution cancel ${id}`,
    ]
  if (reasonCode === 'GateWait')
    return reasonMessages?.some(({ code }) => code === 'GateNeedsApproval')
      ? [`  another user:  chandler execution approve ${id}`, `  to cancel:     chandler execution cancel ${id}`]
      : [`  to cancel:   chandler execution cancel ${id}`]
  if (reasonCode === 'GateFailed')
    return [
      `  to check the gates again: chandler execution resume ${id}`,
      `  to cancel:                chandler execution cancel ${id}`,
    ]
  return reasonCode === 'DebugPause'
    ? [
        `  to continue: chandler execution run-task ${id} --instance ID`,
        `  to end:      chandler execution complete ${id}`,
      ]
    : [`  to continue: chandler execution resume ${id}`, `  to cancel:   chandler execution cancel ${id}`]
}

const waitsForTime: readonly ExecutionView['reasonCode'][] = ['NotYet', 'OutsideWindow', 'Frozen']
