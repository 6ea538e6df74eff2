import { type ExecutionStatus, isEnded } from './execution.ts'

/** The progress of an execution; instants and times are milliseconds. */
export interface ExecutionPace {
  readonly status: ExecutionStatus
  readonly now: number
  /** The number of pending and running tasks. */
  readonly left: number
  /** Instants at which the last tasks ended, in any order; a few hundred are enough. */
  readonly endedAt: readonly number[]
}

/** One or two ends do not determine a pace. */
const minEnds = 3

/**
 * The expected end of an execution at its recent pace; undefined if there is none: it has ended,
 * waits for an operator or another execution, or too few tasks have ended. An end counts from the
 * previous one, so that a past pause does not count, but a current one does: the longer no task
 * ends, the later the expected end.
 */
export function estimateEnd({ status, now, left, endedAt }: ExecutionPace): number | undefined {
  if (isEnded(status) || status !== 'Running' || left <= 0 || endedAt.length < minEnds) return undefined
  const first = Math.min(...endedAt)
  const last = Math.max(...endedAt)
  const stepMs = (last - first) / (endedAt.length - 1)
  // A delay of more than one step slows the pace down; the next end would have been due by now.
  const silentMs = Math.max(0, now - last - stepMs)
  const pacedMs = stepMs + silentMs / endedAt.length
  return Math.max(now, Math.round(last + pacedMs * left))
}
