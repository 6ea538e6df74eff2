import type { Engine } from './engine.ts'

/** How often the agent looks whether a shutdown is still in progress: it may have been cancelled. */
const shutdownLookMs = 1_000

/** As of the platform; a machine whose state cannot be determined is up. */
export function findShutdown({ platform, log }: Engine, invocationId: string) {
  return platform.findShutdown().catch((error: unknown) => {
    log.warn('cannot determine whether the machine is shutting down', { invocationId, error: String(error) })
    return 'up' as const
  })
}

/**
 * A shutdown stops the agent first of all. Resolves if it does not, and the machine is not shutting
 * down any more; rejects with the reason of `closing`.
 */
export async function waitForShutdown(engine: Engine, invocationId: string): Promise<void> {
  while ((await findShutdown(engine, invocationId)) !== 'up') {
    await engine.clock.wait(shutdownLookMs, engine.closing)
    engine.closing.throwIfAborted()
  }
}

/** No script starts while the machine powers off. */
export function holdWhilePoweringOff(engine: Engine): void {
  const holder = 'power-off'
  engine.reboots.request(holder)
  const over = () => engine.reboots.withdraw(holder)
  // Rejects when the agent stops, with which the hold ends as well.
  waitForShutdown(engine, holder).then(over, over)
}
