import { presenceEveryMs } from '../../core/limits.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Logger } from '../../lib/logger.ts'
import type { Database } from '../../store/database/database.ts'
import { notePresence } from '../../store/server/server-presence.ts'

/**
 * Says regularly that a server is there, so that time in which none was is charged to no instance. Resolves when it was said for the first
 * time: before that, nobody may give anything up. Returns how to end it.
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
      log.info('no server was there, or the clock of the database was set: deadlines of open tasks moved', {
        seconds: Math.round(gapMs / 1_000),
      })
  }
  async function keep(): Promise<void> {
    while (!stop.signal.aborted) {
      await clock.wait(presenceEveryMs, stop.signal)
      if (stop.signal.aborted) return
      await note(false).catch((error: unknown) =>
        log.warn('that this server is there was not written', { error: String(error) }),
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
