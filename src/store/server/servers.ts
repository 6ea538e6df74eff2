import { sql } from 'kysely'
import type { ServerId } from '../../core/id.ts'
import type { Connection } from '../database/database.ts'

/**
 * A server whose last heartbeat is older counts as dead and its instances as offline: three missed
 * heartbeats of 30 s, so that one slow transaction or a restart of the database does not mark a
 * whole fleet as offline. Compared by the database's clock only.
 */
const serverSilenceMs = 90_000

/** The ids of live servers, as an array that is evaluated once per statement. */
export const liveServerIds = sql`array(
  select s.id from servers s where s.heartbeat_at > now() - make_interval(secs => ${sql.lit(serverSilenceMs / 1000)})
)`

/**
 * How long the row of a dead server is kept: its instances may reconnect to another server in the
 * meantime.
 */
const deadServerRetentionMs = 3_600_000

/** Stores a heartbeat, also after another server has removed this one as dead. */
export async function updateHeartbeat(connection: Connection, id: ServerId, hostName: string): Promise<void> {
  await sql`
    insert into servers (id, host_name) values (${id}, ${hostName})
    on conflict (id) do update set heartbeat_at = now()
  `.execute(connection)
}

/** For a server that stops cleanly: its instances are offline from now on. */
export async function deleteServer(connection: Connection, id: ServerId): Promise<void> {
  // In the lock order of agent-sessions.ts: its instances may be connecting to other servers
  // already.
  await sql`
    update instances set connected_to = null, last_seen_at = now()
    where id in (select id from instances where connected_to = ${id} order by id for no key update)
  `.execute(connection)
  await sql`delete from servers where id = ${id}`.execute(connection)
}

/** Deletes servers that died long ago. */
export async function deleteDeadServers(connection: Connection): Promise<void> {
  await sql`
    delete from servers where heartbeat_at < now() - make_interval(secs => ${deadServerRetentionMs / 1000})
  `.execute(connection)
}

/** Connections that PostgreSQL accepts from users without special permissions. */
export async function countAcceptedConnections(connection: Connection): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select (select setting::int from pg_settings where name = 'max_connections') - sum(setting::int)::int as n
    from pg_settings where name in ('superuser_reserved_connections', 'reserved_connections')
  `.execute(connection)
  return rows[0]?.n ?? 0
}

/** Counts servers with a recent heartbeat, this one included. */
export async function countLiveServers(connection: Connection): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from servers where heartbeat_at > now() - make_interval(secs => ${serverSilenceMs / 1000})
  `.execute(connection)
  return rows[0]?.n ?? 0
}
