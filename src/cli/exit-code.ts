import type { ExecutionStatus } from '../core/execution/execution.ts'

/** Part of the contract with scripts (design §9). */
export const exitCodes = {
  success: 0,
  /** What was asked was done and failed, or could not be done. */
  failed: 1,
  /** What was asked is wrong, and nothing was done: arguments, extension.yaml, a refused value. */
  usage: 2,
  cancelled: 3,
  unreachable: 4,
  /** Ctrl-C, as shells have it (128 + SIGINT). */
  interrupted: 130,
} as const
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** The verdict of an execution; one that has not ended is no failure. */
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
