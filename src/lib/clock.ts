/** Time as an argument: whoever waits or stamps is given a clock, so that tests move it instead of sleeping. */
export interface Clock {
  /** The instant: milliseconds since 1970, UTC. It jumps when somebody sets the clock, so no interval is measured with it. */
  now(): number
  /** Milliseconds since some moment in the past, never going back: only differences mean something, and only in this process. */
  monotonicMs(): number
  /** Calls back once after `delayMs`. A pending timer does not keep the process alive when `unref` is set. */
  setTimeout(callback: () => void, delayMs: number, options?: { unref?: boolean }): Timer
  /** Resolves after `delayMs`, or at once when `signal` aborts: the caller asks the signal which of the two it was. */
  wait(delayMs: number, signal?: AbortSignal): Promise<void>
}

export interface Timer {
  cancel(): void
}

/** Node fires at once what is due later than this (2^31 - 1 ms, 24.8 days). */
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

/** `wait` in terms of `setTimeout`, for every clock. */
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
