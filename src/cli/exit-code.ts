import type { ExecutionStatus } from '../core/execution/execution.ts'

/** Part of the contract for scripts (design §9). */
export const exitCodes = {
  success: 0,
  /** The operation ran and failed, or could not run. */
  failed: 1,
  /** The request is invalid and nothing was done: arguments, extension.yaml, a refused value. */
  usage: 2,
  cancelled: 3,
  unreachable: 4,
  /** `diff` found differences, or `apply --detailed-exit-code` made changes. */
  changed: 5,
  /** Ctrl-C, as in shells (128 + SIGINT). */
  interrupted: 130,
} as const
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** The exit code of an execution's result; an execution that has not ended is not a failure. */
export function exitCodeOf(status: ExecutionStatus): ExitCode {
  switch (status) {
    case 'Failed':
      return exitCodes.failed
    case 'Cancelled':
      return exitCodes.cancelled
    case 'Success':
    case 'Started':
    case 'Queued':
    case 'Running':
    case 'Waiting':
      return exitCodes.success
  }
}
