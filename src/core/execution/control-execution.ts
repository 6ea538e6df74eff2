import { makeReason, type Reason } from '../reason/reason.ts'
import {
  allowsControl,
  type ExecutionControl,
  type ExecutionReasonCode,
  type ExecutionStatus,
  isEnded,
} from './execution.ts'
import type { ExecutionMode } from './rate-control.ts'

/** The control of a running execution: the fields that change. The reconciler does the rest. */
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
  /** The gates after the open batch begin again. */
  readonly gatesAgain?: true
  /**
   * A question counts as answered from the same transaction on: a second resume must not answer a
   * later one that the operator has not seen.
   */
  readonly resumed?: Resumed
}

export interface Resumed {
  readonly status: 'Running'
  readonly reasonCode: 'Dispatching'
  readonly reason: Reason
}

/** The change to apply, or why the control is refused. */
export type ControlAnswer = { readonly change: ControlChange } | { readonly refusal: string }

/**
 * A control that requests the current state is not an error and changes nothing, so that a repeated
 * request is safe. Completing an execution in Debug mode cancels the tasks that were not run and
 * derives the verdict from the others.
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

/** It waits for the next task, for time or for a gate: there is nothing that a resume answers. */
const asksNothing: readonly ExecutionReasonCode[] = [
  'DebugPause',
  'GateWait',
  'NotYet',
  'OutsideWindow',
  'Frozen',
  'AwaitingSignatures',
]

/**
 * A resume answers the current question only: after a pause that an operator requested, the next
 * question is asked. After a failed gate the gates are checked again; no resume passes them. A pause that has not taken effect yet is withdrawn.
 */
function findResumption({
  status,
  reasonCode,
  pauseRequested,
  openBatch,
  failedCount,
}: ControllableExecution): ControlChange {
  const unpaused = pauseRequested ? { pauseRequested: false } : {}
  if (status !== 'Waiting' || asksNothing.includes(reasonCode)) return unpaused
  return {
    ...unpaused,
    ...(reasonCode === 'FailurePause' ? { acceptedFailures: failedCount } : {}),
    ...(reasonCode === 'BatchPause' ? { openBatch: openBatch + 1 } : {}),
    ...(reasonCode === 'GateFailed' ? { gatesAgain: true as const } : {}),
    resumed: { status: 'Running', reasonCode: 'Dispatching', reason: makeReason('Resumed') },
  }
}

/** The sentence that explains why an execution refuses a control in its status. */
export function describeRefusal(status: ExecutionStatus, control: ExecutionControl): string {
  return `It is ${status}, and ${control} is not possible then.`
}

/**
 * The number of accepted failures after some failed tasks were retried or skipped. Which failures
 * were accepted is not stored, so the result may ask the operator once too often, but never too
 * rarely.
 */
export const acceptedAfterReopening = (acceptedFailures: number, reopenedCount: number) =>
  Math.max(0, acceptedFailures - reopenedCount)
