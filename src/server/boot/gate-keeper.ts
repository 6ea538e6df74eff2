import type { AddressGuard } from '../../lib/outbound/address-guard.ts'
import type { AppContext } from '../app/context.ts'
import { checkGates } from '../app/gate/check-gates.ts'
import { startDueRollbacks } from '../app/gate/start-due-rollbacks.ts'
import { startDueSchedules } from '../app/timing/start-due-schedules.ts'

/** A gate is checked at most this late; the query of one round reads an index of due gates. */
const roundEveryMs = 1_000

/**
 * Checks the gates of executions, and starts the rollbacks that follow from failed ones and the
 * executions of schedules. Returns a
 * function that stops it.
 */
export function keepGates(context: AppContext, guard: AddressGuard): () => Promise<void> {
  const stop = new AbortController()
  const tasks = [
    ['gates were not checked', () => checkGates(context, guard, stop.signal)],
    ['schedules were not started', () => startDueSchedules(context)],
    ['rollbacks were not started', () => startDueRollbacks(context)],
  ] as const
  const keep = async () => {
    while (!stop.signal.aborted) {
      for (const [failure, task] of tasks)
        await task().catch((error: unknown) => context.log.warn(`${failure}; the next round retries`, { error }))
      await context.clock.wait(roundEveryMs, stop.signal)
    }
  }
  const keeping = keep()
  return async () => {
    stop.abort()
    await keeping
  }
}
