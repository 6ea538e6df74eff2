import type { Clock } from './clock.ts'

export interface RecentCount {
  /** Counts one event and returns the number of events within the window, including this one. */
  add(): number
}

/**
 * Counts events within a sliding window in constant memory: it assumes that events of the previous
 * window were spread evenly.
 * @param windowMs above 0
 */
export function createRecentCount(clock: Pick<Clock, 'monotonicMs'>, windowMs: number): RecentCount {
  let startedAt = clock.monotonicMs()
  let count = 0
  let before = 0
  return {
    add() {
      const elapsed = clock.monotonicMs() - startedAt
      if (elapsed >= windowMs) {
        before = elapsed < 2 * windowMs ? count : 0
        count = 0
        startedAt += elapsed - (elapsed % windowMs)
      }
      count++
      const part = 1 - (clock.monotonicMs() - startedAt) / windowMs
      return count + Math.floor(before * part)
    },
  }
}
