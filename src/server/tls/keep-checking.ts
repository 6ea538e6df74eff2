import type { Clock } from '../../lib/clock.ts'

/**
 * Calls `check` every `intervalMs` until the returned function is called, which waits for a check
 * that runs. `check` handles its own errors.
 */
export function keepChecking(clock: Clock, intervalMs: number, check: () => Promise<void>): () => Promise<void> {
  const stop = new AbortController()
  async function run(): Promise<void> {
    for (;;) {
      await clock.wait(intervalMs, stop.signal)
      if (stop.signal.aborted) return
      await check()
    }
  }
  const running = run()
  return async () => {
    stop.abort()
    await running
  }
}
