import { sql } from 'kysely'
import type { Connection } from './database.ts'

/** The clock that all deadlines are compared with, whatever the clocks of the servers are. */
export async function readDatabaseClock(connection: Connection): Promise<Date> {
  const { rows } = await sql<{ now: Date }>`select clock_timestamp() as now`.execute(connection)
  if (!rows[0]) throw new Error('the database has no time')
  return rows[0].now
}
