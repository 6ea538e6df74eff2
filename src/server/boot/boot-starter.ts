import type { AppContext } from '../app/context.ts'
import { startBootProfiles } from '../app/instance/start-boot-profiles.ts'

/** Finds profiles whose wake-up was lost, and those whose last attempt failed. */
const sweepMs = 60_000

export interface BootStarter {
  /** Looks for due profiles now, or again if it is looking. */
  wake(): void
  /** Resolves when nothing of it runs any more. */
  close(): Promise<void>
}

/** Starts the boot profiles of instances that have joined. */
export function createBootStarter(context: AppContext): BootStarter {
  const stop = new AbortController()
  let woken = Promise.withResolvers<void>()
  const run = async () => {
    while (!stop.signal.aborted) {
      woken = Promise.withResolvers<void>()
      await startBootProfiles(context, stop.signal).catch((error: unknown) =>
        context.log.warn('boot profiles were not started; the next round retries', { error }),
      )
      const sweep = context.clock.setTimeout(() => woken.resolve(), sweepMs)
      await woken.promise
      sweep.cancel()
    }
  }
  const running = run()
  return {
    wake: () => woken.resolve(),
    async close() {
      stop.abort()
      woken.resolve()
      await running
    },
  }
}
