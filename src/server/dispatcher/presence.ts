import { presenceEveryMs } from '../../core/limits.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Logger } from '../../lib/logger.ts'
import type { Database } from '../../store/database/database.ts'
import { notePresence } from '../../store/server/server-presence.ts'

/**
 * Writes the server's presence periodically, so that time without any server does not count against
 * instances. Resolves after the first write: nothing may be given up before. Returns a function
 * that stops it.
 */
export async function keepPresence({
  database,
  clock,
  log,
}: {
  readonly database: Database
  readonly clock: Clock
  readonly log: Logger
}): Promise<() => Promise<void>> {
  const stop = new AbortController()
  async function note(isStarting: boolean): Promise<void> {
    const gapMs = await notePresence(database, { isStarting })
    if (gapMs !== 0)
      log.info('no server was present, or the clock of the database was changed: deadlines of open tasks were moved', {
        seconds: Math.round(gapMs / 1_000),
      })
  }
  async function keep(): Promise<void> {
    while (!stop.signal.aborted) {
      await clock.wait(presenceEveryMs, stop.signal)
      if (stop.signal.aborted) return
      await note(false).catch((error: unknown) =>
        log.warn('the presence of this server was not written', { error: String(error) }),
      )
    }
  }
  await note(true)
  const keeping = keep()
  return async () => {
    stop.abort()
    await keeping
  }
}
