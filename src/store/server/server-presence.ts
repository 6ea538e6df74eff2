import { sql } from 'kysely'
import { isAbsence } from '../../core/execution/absence.ts'
import { reconnectGraceMs } from '../../core/limits.ts'
import type { Connection, Database } from '../database/database.ts'

/**
 * Stores that a server is present. If none was for a while (all were stopped, frozen or
 * disconnected from the database, or the database's clock was changed), moves all deadlines by that
 * time: see core/execution/absence.ts. Returns that time in ms, 0 if there was no gap.
 */
export const notePresence = (database: Database, { isStarting }: { readonly isStarting: boolean }): Promise<number> =>
  database.transaction().execute(async (transaction) => {
    // The update locks the row: the first server moves the deadlines, and the others find no gap.
    const { rows } = await sql<{ gapMs: number }>`
      with before as (select seen_at from server_presence for update)
      update server_presence p set seen_at = clock_timestamp() from before
      returning extract(epoch from p.seen_at - before.seen_at)::float8 * 1000 as "gapMs"
    `.execute(transaction)
    const gapMs = rows[0]?.gapMs ?? 0
    if (!isAbsence(gapMs, isStarting)) return 0
    await sql`
      with open as materialized (
        select id from invocations
        where state in ('queued', 'sent', 'accepted', 'waiting', 'downloading', 'running', 'verifying', 'rebooting')
        order by id
        for no key update
      )
      update invocations i
      set deadline_at = greatest(
        i.deadline_at + ${gapMs} * interval '1 millisecond', now() + ${reconnectGraceMs} * interval '1 millisecond'
      )
      from open where i.id = open.id
    `.execute(transaction)
    // A gate that no server could check has lost that time, too.
    await sql`
      update execution_gates set began_at = began_at + ${gapMs} * interval '1 millisecond'
      where outcome is null and check_at is not null
    `.execute(transaction)
    return gapMs
  })

/** When any server was last present, in ms since 1970. */
export async function getSeenAt(connection: Connection): Promise<number> {
  const { rows } = await sql<{ seenAt: Date }>`select seen_at as "seenAt" from server_presence`.execute(connection)
  return rows[0]?.seenAt.getTime() ?? 0
}
