import type { Socket } from 'node:net'
import { Client, type ClientBase, type ClientConfig } from 'pg'

/**
 * What each session sets, so that PostgreSQL lets go of what a client that is frozen, cut off or gone holds:
 *
 * - a transaction that waits for its client ends after 10 s: a server that is suspended in one holds up nobody for longer;
 * - a statement waits for a lock for 20 s: longer than that, so that it outlasts such a holder;
 * - a statement runs for 5 min: the longest one starts an execution on 100,000 instances, within seconds;
 * - a client that does not answer on the network any more is found within 30 s, also in the middle of a statement.
 */
const sessionSettings = {
  idle_in_transaction_session_timeout: '10s',
  lock_timeout: '20s',
  statement_timeout: '5min',
  tcp_keepalives_idle: '10',
  tcp_keepalives_interval: '5',
  tcp_keepalives_count: '4',
  tcp_user_timeout: '30s',
  client_connection_check_interval: '10s',
}

/** For every connection. The client's own keepalive finds a dead path while a connection is idle. */
export const guardedConnection = { keepAlive: true, keepAliveInitialDelayMillis: 10_000 } as const

/** A statement without an answer for this long is asked after on a connection of its own. */
const silenceMs = 10_000
const probeTimeoutMs = 5_000

/**
 * Guards a connection from both sides. PostgreSQL is told when to give up on this client (above). This client gives up on a
 * connection whose statement got no answer for 10 s, unless PostgreSQL says, on a new connection, that it still works on it: a path
 * that swallows everything would otherwise keep a connection, and its caller, for the minutes in which TCP repeats what it sent.
 * What waits on a connection that is given up fails with "Connection terminated", as when it breaks.
 */
export async function guardConnection(client: ClientBase, config: ClientConfig): Promise<void> {
  const { stream } = (client as unknown as { connection: { stream: Socket } }).connection
  const { processID } = client as unknown as { processID: number | null }
  const isWaiting = () => !(client as unknown as { readyForQuery: boolean }).readyForQuery
  let probing = false
  // The timer of the socket begins again with every byte in either direction.
  stream.setTimeout(silenceMs)
  stream.on('timeout', () => {
    if (!isWaiting() || probing) return
    probing = true
    void isAtWork(config, processID).then((atWork) => {
      probing = false
      if (!isWaiting() || stream.destroyed) return
      if (atWork) stream.setTimeout(silenceMs)
      else stream.destroy(new Error('Connection terminated: the database did not answer'))
    })
  })
  await setForSession(client, sessionSettings)
}

/** Sets what this version of PostgreSQL knows of it, for the rest of the session. */
export async function setForSession(client: ClientBase, settings: Readonly<Record<string, string>>): Promise<void> {
  await client.query(
    `select set_config(known.name, wanted.value, false)
     from unnest($1::text[], $2::text[]) as wanted (name, value) join pg_settings known using (name)`,
    [Object.keys(settings), Object.values(settings)],
  )
}

/** Whether PostgreSQL answers, and the session of this process id is at work. */
async function isAtWork(config: ClientConfig, processId: number | null): Promise<boolean> {
  const probe = new Client({
    ...config,
    application_name: 'chandler probe',
    connectionTimeoutMillis: probeTimeoutMs,
    query_timeout: probeTimeoutMs,
  })
  // A broken probe is an answer.
  probe.on('error', () => undefined)
  try {
    await probe.connect()
    const { rowCount } = await probe.query("select from pg_stat_activity where pid = $1 and state = 'active'", [
      processId,
    ])
    return rowCount === 1
  } catch {
    return false
  } finally {
    probe.end().catch(() => undefined)
  }
}
