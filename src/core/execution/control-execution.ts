import {
  allowsControl,
  type ExecutionControl,
  type ExecutionReasonCode,
  type ExecutionStatus,
  isEnded,
} from './execution.ts'
import type { ExecutionMode } from './rate-control.ts'

/** What a person asks of a running execution: which fields change. The reconciler does the rest. */
export interface ControllableExecution {
  readonly status: ExecutionStatus
  readonly reasonCode: ExecutionReasonCode
  readonly mode: ExecutionMode
  readonly openBatch: number
  readonly failedCount: number
  readonly acceptedFailures: number
  readonly pauseRequested: boolean
  readonly cancelRequested: boolean
}

export interface ControlChange {
  readonly pauseRequested?: boolean
  readonly openBatch?: number
  readonly acceptedFailures?: number
  readonly cancelRequested?: true
  /** An answered question stands no more from the same transaction on: a second resume must not answer the next one unseen. */
  readonly resumed?: Resumed
}

export interface Resumed {
  readonly status: 'Running'
  readonly reasonCode: 'Dispatching'
  readonly reason: string
}

export type ControlAnswer = { readonly change: ControlChange } | { readonly refusal: string }

/**
 * Asking for what is so already is no error and changes nothing, so that a repeated request is safe. To complete an execution in Debug mode
 * is to cancel what is left of it: what was never named ends Cancelled, and the verdict is about what happened.
 */
export function decideControl(
  execution: ControllableExecution,
  control: 'pause' | 'resume' | 'cancel' | 'complete',
): ControlAnswer {
  const cancels = control === 'cancel' || control === 'complete'
  if (control === 'complete' && execution.mode !== 'Debug')
    return { refusal: 'It is not in Debug mode and completes by itself.' }
  if (cancels && execution.cancelRequested) return { change: {} }
  if (!allowsControl(execution.status, control)) return { refusal: describeRefusal(execution.status, control) }
  if (isEnded(execution.status)) return { change: {} }
  if (cancels) return { change: { cancelRequested: true } }
  if (execution.cancelRequested) return { refusal: 'It is being cancelled; that cannot be undone.' }
  if (control === 'pause') return { change: execution.pauseRequested ? {} : { pauseRequested: true } }
  if (execution.reasonCode === 'DebugPause' && !execution.pauseRequested)
    return { refusal: 'It asks which task to run next: name one, or complete it.' }
  return { change: findResumption(execution) }
}

/**
 * A resume answers the question that the execution asks, and no other: what stands behind a pause that a person asked for is asked
 * next. A pause that nothing has acted on yet is simply taken back.
 */
function findResumption({
  status,
  reasonCode,
  pauseRequested,
  openBatch,
  failedCount,
}: ControllableExecution): ControlChange {
  const unpaused = pauseRequested ? { pauseRequested: false } : {}
  if (status !== 'Waiting' || reasonCode === 'DebugPause') return unpaused
  return {
    ...unpaused,
    ...(reasonCode === 'FailurePause' ? { acceptedFailures: failedCount } : {}),
    ...(reasonCode === 'BatchPause' ? { openBatch: openBatch + 1 } : {}),
    resumed: { status: 'Running', reasonCode: 'Dispatching', reason: 'Resumed; it goes on in a moment.' },
  }
}

export function describeRefusal(status: ExecutionStatus, control: ExecutionControl): string {
  return `It is ${status}, and ${control} is not possible then.`
}

/**
 * Failures that count as accepted after some failed tasks were tried again or passed over: which of the failures had been accepted is
 * not kept, so the person is rather asked once too often than passed over.
 */
export const acceptedAfterReopening = (acceptedFailures: number, reopenedCount: number) =>
  Math.max(0, acceptedFailures - reopenedCount)
