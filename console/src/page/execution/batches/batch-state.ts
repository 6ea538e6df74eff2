import { isEnded } from '../../../../../src/core/execution/execution.ts'
import type { BatchView, ExecutionView } from '../../../../../src/protocol/api/executions.ts'

export type BatchProgress = 'ended' | 'failed' | 'open' | 'approval' | 'paused' | 'ahead' | 'cancelled'

/**
 * State of a batch. The open batch is done when the execution waits for approval of the next one.
 */
export function findBatchState(
  batch: BatchView,
  { status, reasonCode, openBatch }: Pick<ExecutionView, 'status' | 'reasonCode' | 'openBatch'>,
): BatchProgress {
  const isOver = batch.pending === 0 && batch.running === 0
  if (isOver && batch.failed > 0) return 'failed'
  if (isOver) return batch.cancelled > 0 && batch.success === 0 ? 'cancelled' : 'ended'
  if (isEnded(status)) return 'cancelled'
  const isApproval = status === 'Waiting' && reasonCode === 'BatchPause'
  if (isApproval && batch.number === openBatch + 1) return 'approval'
  if (batch.number > openBatch) return 'ahead'
  if (status === 'Waiting') return 'paused'
  return 'open'
}

export type GateState = 'passed' | 'waiting' | 'failed' | 'ahead'

/** The gates after a batch, in order, with their states. */
export function findGateStates(
  { number, pending, running }: BatchView,
  { openBatch, batches, rateControl, gate }: Pick<ExecutionView, 'openBatch' | 'batches' | 'rateControl' | 'gate'>,
): readonly { readonly gate: string; readonly state: GateState }[] {
  const isLast = batches.every((batch) => batch.number <= number)
  const { gates = [] } = rateControl
  if (isLast) return []
  const isOver = number === openBatch && pending === 0 && running === 0
  const current = isOver && gate?.batch === number ? gate : undefined
  return gates.map((text, index) => {
    if (number < openBatch) return { gate: text, state: 'passed' }
    if (!isOver) return { gate: text, state: 'ahead' }
    const place = current?.index ?? 1
    if (index + 1 !== place) return { gate: text, state: index + 1 < place ? 'passed' : 'ahead' }
    return { gate: text, state: current?.outcome ?? 'waiting' }
  })
}

/** For many batches, shows those around the open one. */
export function chooseBatches(
  batches: readonly BatchView[],
  openBatch: number,
  maxShown: number,
): readonly BatchView[] {
  if (batches.length <= maxShown) return batches
  const open = Math.max(
    0,
    batches.findIndex(({ number }) => number === openBatch),
  )
  const from = Math.min(Math.max(0, open - 2), batches.length - maxShown)
  return batches.slice(from, from + maxShown)
}
