import { deleteOldEvents } from '../../../store/notification/events.ts'
import type { AppContext } from '../context.ts'

/** How long delivered and given-up events remain in the log. */
const keptMs = 30 * 86_400_000
const rowsAtOnce = 1_000

/** Removes old events with their deliveries, except those that are still due. */
export async function tidyEvents({ database, clock }: Pick<AppContext, 'database' | 'clock'>): Promise<void> {
  const before = new Date(clock.now() - keptMs)
  while ((await deleteOldEvents(database, before, rowsAtOnce)) === rowsAtOnce);
}
