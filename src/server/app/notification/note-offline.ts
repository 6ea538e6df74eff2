import { mayJudgeSilence } from '../../../core/execution/absence.ts'
import { readDatabaseClock } from '../../../store/database/database-clock.ts'
import { insertEvent, takeOfflineInstances } from '../../../store/notification/events.ts'
import { getSeenAt } from '../../../store/server/server-presence.ts'
import type { AppContext } from '../context.ts'

/** Restarts of agents and servers are shorter. */
const offlineAfterMs = 5 * 60_000
const instancesAtOnce = 1_000
const namedAtMost = 20

/**
 * Creates events for instances that have been offline for five minutes: one event for all that a
 * round finds in an account.
 * @param since when this server has started to watch; until five minutes later agents may not have
 * reconnected
 */
export async function noteOffline(
  { database }: Pick<AppContext, 'database'>,
  { since, now: given }: { readonly since: Date; readonly now?: Date },
): Promise<void> {
  const now = given ?? (await readDatabaseClock(database))
  if (now.getTime() - since.getTime() < offlineAfterMs) return
  if (!mayJudgeSilence(await getSeenAt(database), now.getTime())) return
  await database.transaction().execute(async (transaction) => {
    const options = { afterMs: offlineAfterMs, limit: instancesAtOnce }
    const gone = await takeOfflineInstances(transaction, now, options)
    for (const [accountId, instances] of Map.groupBy(gone, (one) => one.accountId)) {
      const first = instances.slice(0, namedAtMost).map(({ id, name, lastSeenAt }) => ({ id, name, lastSeenAt }))
      await insertEvent(transaction, accountId, 'instance.offline', {
        kind: 'instances',
        instances: { count: instances.length, first },
      })
    }
  })
}
