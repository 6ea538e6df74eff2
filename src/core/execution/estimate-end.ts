import { type ExecutionStatus, isEnded } from './execution.ts'

/** What is known of the pace of an execution; instants and times are milliseconds. */
export interface ExecutionPace {
  readonly status: ExecutionStatus
  readonly now: number
  /** Tasks that are pending or running. */
  readonly left: number
  /** Instants at which the last tasks ended, in any order; a few hundred are enough. */
  readonly endedAt: readonly number[]
}

/** One or two ends say nothing of a pace. */
const minEnds = 3

/**
 * When an execution will be over if it goes on as it did lately; undefined if nobody can tell: it is over, waits for a person or for another
 * execution, or too little has ended. An end counts from the last one before it, so a pause that is over does not count, but one that
 * lasts does: the longer nothing ends, the later the end is expected.
 */
export function estimateEnd({ status, now, left, endedAt }: ExecutionPace): number | undefined {
  if (isEnded(status) || status !== 'Running' || left <= 0 || endedAt.length < minEnds) return undefined
  const first = Math.min(...endedAt)
  const last = Math.max(...endedAt)
  const stepMs = (last - first) / (endedAt.length - 1)
  // What is late by more than a step slows the pace down; the next end would have been due by now.
  const silentMs = Math.max(0, now - last - stepMs)
  const pacedMs = stepMs + silentMs / endedAt.length
  return Math.max(now, Math.round(last + pacedMs * left))
}
