import type { Clock } from './clock.ts'

export interface RecentCount {
  /** Counts one more, and returns how many were counted within the window, this one included. */
  add(): number
}

/**
 * Counts what happens within a sliding window. Costs two numbers, whatever happens: the window before counts as if it were evenly spread.
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
