import type { Clock } from '../../../lib/clock.ts'
import type { Watch } from '../../../lib/wake-hub.ts'

interface Times {
  /** Minimum time between two events; changes in between are sent together. */
  readonly pauseMs: number
  /** Polling interval, in case wake-ups are lost. */
  readonly lookEveryMs: number
}
const live: Times = { pauseMs: 100, lookEveryMs: 2_000 }

/** Limits the rate of a stream's events. */
export interface Pace {
  /** Resolves after a change, but not before the pause after the last event has passed. */
  wait(): Promise<void>
  /** Marks the time of the last event. */
  sent(): void
}

/**
 * The first change is sent immediately; changes within the pause after it are sent together: a busy
 * execution causes at most ten events per second, and a quiet one is reported without delay.
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
    sent() {
      saidAt = clock.monotonicMs()
    },
  }
}
