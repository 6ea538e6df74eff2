import { allowsControl, type ExecutionControl, type ExecutionReasonCode, type ExecutionStatus } from './execution.ts'

/** What a person asks of a running execution: which fields change. The reconciler does the rest. */
export interface ControllableExecution {
  readonly status: ExecutionStatus
  readonly reasonCode: ExecutionReasonCode
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
}

export type ControlAnswer = { readonly change: ControlChange } | { readonly refusal: string }

/** Asking for what is so already is no error and changes nothing, so that a repeated request is safe. */
export function controlExecution(execution: ControllableExecution, control: 'pause' | 'resume' | 'cancel'): ControlAnswer {
  if (control === 'pause' && execution.pauseRequested) return { change: {} }
  if (control === 'cancel' && execution.cancelRequested) return { change: {} }
  // A pause that is asked for while the execution waits for something else is a pause on top: resuming lifts both.
  const allowed = allowsControl(execution.status, control) || (control === 'pause' && execution.status === 'Waiting')
  const pausing = control === 'resume' && execution.pauseRequested
  if (!allowed && !pausing) return { refusal: describeRefusal(execution.status, control) }
  if (execution.cancelRequested) return { refusal: 'It is being cancelled; that cannot be undone.' }
  switch (control) {
    case 'pause':
      return { change: { pauseRequested: true } }
    case 'cancel':
      return { change: { cancelRequested: true } }
    case 'resume':
      return {
        change: {
          pauseRequested: false,
          acceptedFailures: execution.failedCount,
          ...(execution.reasonCode === 'BatchPause' ? { openBatch: execution.openBatch + 1 } : {}),
        },
      }
  }
}

export function describeRefusal(status: ExecutionStatus, control: ExecutionControl): string {
  return `It is ${status}, and ${control} is not possible then.`
}
