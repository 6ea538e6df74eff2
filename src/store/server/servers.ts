import { sql } from 'kysely'
import type { ServerId } from '../../core/id.ts'
import type { Connection } from '../database/database.ts'

/**
 * A server whose last heartbeat is older than this is taken for dead and its instances for offline: three missed beats of 30 s,
 * so that one slow transaction or a restart of the database does not blink a whole fleet. Compared by the database's clock only.
 */
const serverSilenceMs = 90_000

/** The ids of servers that are alive, as an array that is made once per statement. */
export const liveServerIds = sql`array(
  select s.id from servers s where s.heartbeat_at > now() - make_interval(secs => ${sql.lit(serverSilenceMs / 1000)})
)`

/** What a row of a dead server is kept for: its instances may come back to another server in the meantime. */
const deadServerRetentionMs = 3_600_000

/** Says that this server is alive, also after another one has given it up. */
export async function updateHeartbeat(connection: Connection, id: ServerId, hostName: string): Promise<void> {
  await sql`
    insert into servers (id, host_name) values (${id}, ${hostName})
    on conflict (id) do update set heartbeat_at = now()
  `.execute(connection)
}

/** A server that stops in good order: its instances are offline from now on. */
export async function deleteServer(connection: Connection, id: ServerId): Promise<void> {
  // In the order of agent-sessions.ts: its instances are on their way to other servers already.
  await sql`
    update instances set connected_to = null, last_seen_at = now()
    where id in (select id from instances where connected_to = ${id} order by id for no key update)
  `.execute(connection)
  await sql`delete from servers where id = ${id}`.execute(connection)
}

/** Forgets servers that died long ago. */
export async function deleteDeadServers(connection: Connection): Promise<void> {
  await sql`
    delete from servers where heartbeat_at < now() - make_interval(secs => ${deadServerRetentionMs / 1000})
  `.execute(connection)
}

/** Servers that beat lately, this one among them. */
export async function countLiveServers(connection: Connection): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from servers where heartbeat_at > now() - make_interval(secs => ${serverSilenceMs / 1000})
  `.execute(connection)
  return rows[0]?.n ?? 0
}
