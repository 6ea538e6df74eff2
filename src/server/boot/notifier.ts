import type { AddressGuard } from '../../lib/outbound/address-guard.ts'
import { readDatabaseClock } from '../../store/database/database-clock.ts'
import type { AppContext } from '../app/context.ts'
import { createDeliverer } from '../app/notification/deliver.ts'
import { noteOffline } from '../app/notification/note-offline.ts'

/** A delivery is attempted at most this late; the query of one round reads an index per webhook. */
const roundEveryMs = 1_000
const offlineEveryMs = 30_000

/** Delivers events to webhooks, and creates those of offline instances. Returns a function that stops it. */
export function runNotifier(context: AppContext, guard: AddressGuard, publicUrl?: string): () => Promise<void> {
  const stop = new AbortController()
  const { clock, log, database } = context
  const deliverer = createDeliverer(context, guard, publicUrl)
  const rounds = new Set<Promise<void>>()
  // A round does not wait for the one before it: a receiver that does not answer delays no other.
  const deliver = async () => {
    while (!stop.signal.aborted) {
      const round: Promise<void> = deliverer
        .round(stop.signal)
        .then(
          () => undefined,
          (error: unknown) => log.warn('events were not delivered; the next round retries', { error }),
        )
        .finally(() => rounds.delete(round))
      rounds.add(round)
      await clock.wait(roundEveryMs, stop.signal)
    }
  }
  const watch = async () => {
    let since: Date | undefined
    while (!stop.signal.aborted) {
      try {
        since ??= await readDatabaseClock(database)
        await noteOffline(context, { since })
      } catch (error) {
        log.warn('offline instances were not reported; the next round retries', { error })
      }
      await clock.wait(offlineEveryMs, stop.signal)
    }
  }
  const running = [deliver(), watch()]
  return async () => {
    stop.abort()
    await Promise.all(running)
    await Promise.all(rounds)
  }
}
