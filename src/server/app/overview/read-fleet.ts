import type { Clock } from '../../../lib/clock.ts'
import { type FleetCounts, readFleetCounts } from '../../../store/server/fleet-counts.ts'
import type { AppContext } from '../context.ts'

export type { FleetCounts } from '../../../store/server/fleet-counts.ts'

const hourMs = 3_600_000
/** Several collectors may ask within seconds; the counters are no newer than this. */
const keptMs = 5_000
/** Prometheus gives a scrape 10 s by default. */
const timeoutMs = 3_000

/**
 * Creates the reader of counters over all accounts. Ended tasks are counted from the beginning of
 * the hour in which it was created. Requests within five seconds share one statement. Undefined if
 * the database does not answer within three seconds, or fails.
 */
export function createFleetReader({
  database,
  clock,
  log,
}: Pick<AppContext, 'database' | 'log'> & { readonly clock: Clock }): () => Promise<FleetCounts | undefined> {
  const since = new Date(Math.floor(clock.now() / hourMs) * hourMs)
  let last: { readonly at: number; readonly counts: Promise<FleetCounts | undefined> } | undefined
  const read = () =>
    readFleetCounts(database, since).catch((error: unknown) => {
      log.warn('the counters for metrics could not be read', { error: String(error) })
      return undefined
    })
  return async () => {
    const now = clock.monotonicMs()
    if (last === undefined || now - last.at > keptMs) last = { at: now, counts: read() }
    const done = new AbortController()
    const timeout = clock.wait(timeoutMs, done.signal).then(() => undefined)
    try {
      return await Promise.race([last.counts, timeout])
    } finally {
      done.abort()
    }
  }
}
