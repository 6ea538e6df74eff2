import type { Clock } from '../../../lib/clock.ts'
import type { Watch } from '../../../lib/wake-hub.ts'

interface Times {
  /** A stream says what changed at most this often; what changes meanwhile goes together. */
  readonly pauseMs: number
  /** Even if every wake-up is lost, a stream looks this often. */
  readonly lookEveryMs: number
}
const live: Times = { pauseMs: 100, lookEveryMs: 2_000 }

export interface Pace {
  /** Until something changed; not sooner than the pause after what was said last. */
  wait(): Promise<void>
  /** Something was said to the peer now. */
  said(): void
}

/**
 * The first news is passed on at once; what comes within the pause after it goes together: a busy execution costs a stream ten events
 * a second at the most, a quiet one is told without delay.
 */
export function createPace(
  clock: Clock,
  watch: Pick<Watch, 'wait' | 'wake'>,
  signal: AbortSignal,
  times: Times = live,
): Pace {
  let saidAt = Number.NEGATIVE_INFINITY
  return {
    async wait() {
      const look = clock.setTimeout(() => watch.wake(), times.lookEveryMs)
      await watch.wait(signal)
      look.cancel()
      const pauseLeftMs = saidAt + times.pauseMs - clock.monotonicMs()
      if (pauseLeftMs > 0) await clock.wait(pauseLeftMs, signal)
    },
    said() {
      saidAt = clock.monotonicMs()
    },
  }
}
