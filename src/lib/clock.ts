/**
 * Time as an argument: code that waits or records timestamps receives a clock, so that tests
 * control it instead of sleeping.
 */
export interface Clock {
  /**
   * The current instant: milliseconds since 1970, UTC. It jumps when the clock is set, so intervals
   * are not measured with it.
   */
  now(): number
  /**
   * Milliseconds since an arbitrary moment, never decreasing: only differences within this process
   * are meaningful.
   */
  monotonicMs(): number
  /**
   * Calls back once after `delayMs`. With `unref`, a pending timer does not keep the process alive.
   */
  setTimeout(callback: () => void, delayMs: number, options?: { unref?: boolean }): Timer
  /**
   * Resolves after `delayMs`, or immediately when `signal` aborts: the caller checks the signal to
   * distinguish the two.
   */
  wait(delayMs: number, signal?: AbortSignal): Promise<void>
}

export interface Timer {
  cancel(): void
}

/** Node fires timers with a longer delay immediately (2^31 - 1 ms, 24.8 days). */
const longestTimeoutMs = 2_147_483_647

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  setTimeout(callback, delayMs, options) {
    let remainingMs = Math.max(0, delayMs)
    let handle: NodeJS.Timeout
    const arm = () => {
      const stepMs = Math.min(remainingMs, longestTimeoutMs)
      remainingMs -= stepMs
      handle = setTimeout(remainingMs > 0 ? arm : callback, stepMs)
      if (options?.unref) handle.unref()
    }
    arm()
    return { cancel: () => clearTimeout(handle) }
  },
  wait: (delayMs, signal) => waitOn(systemClock, delayMs, signal),
}

/** `wait` in terms of `setTimeout`, shared by all clocks. */
export function waitOn(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const finish = () => {
      timer.cancel()
      signal?.removeEventListener('abort', finish)
      resolve()
    }
    const timer = clock.setTimeout(finish, delayMs)
    signal?.addEventListener('abort', finish)
  })
}
