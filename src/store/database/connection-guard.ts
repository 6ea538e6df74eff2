import type { Socket } from 'node:net'
import { Client, type ClientBase, type ClientConfig } from 'pg'

/**
 * Session settings that make PostgreSQL release what a frozen, disconnected or dead client holds:
 *
 * - an idle transaction ends after 10 s: a suspended server blocks others no longer than that;
 * - a statement waits up to 20 s for a lock, which is longer than such a holder keeps it;
 * - a statement runs up to 5 min: the longest one starts an execution on 100,000 instances within
 * seconds;
 * - an unreachable client is detected within 30 s, also during a statement.
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

/**
 * For every connection. The client's own keepalive detects a dead path while a connection is idle.
 */
export const guardedConnection = { keepAlive: true, keepAliveInitialDelayMillis: 10_000 } as const

/** A statement without a response for this long is checked through a separate connection. */
const silenceMs = 10_000
const probeTimeoutMs = 5_000

/**
 * Guards a connection from both sides. The session settings above limit what PostgreSQL keeps for
 * this client. This client terminates a connection whose statement got no response for 10 s, unless
 * PostgreSQL confirms on a new connection that the statement still runs: a path that drops all
 * packets would otherwise block the caller for the minutes in which TCP retransmits. Statements on
 * a terminated connection fail with "Connection terminated", as on a broken one.
 */
export async function guardConnection(client: ClientBase, config: ClientConfig): Promise<void> {
  const { stream } = (client as unknown as { connection: { stream: Socket } }).connection
  const { processID } = client as unknown as { processID: number | null }
  const isWaiting = () => !(client as unknown as { readyForQuery: boolean }).readyForQuery
  let probing = false
  // The socket's timer restarts with every byte in either direction.
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

/** Applies the settings that this version of PostgreSQL supports, for the rest of the session. */
export async function setForSession(client: ClientBase, settings: Readonly<Record<string, string>>): Promise<void> {
  await client.query(
    `select set_config(known.name, wanted.value, false)
     from unnest($1::text[], $2::text[]) as wanted (name, value) join pg_settings known using (name)`,
    [Object.keys(settings), Object.values(settings)],
  )
}

/** Whether PostgreSQL responds and the session of this process id runs a statement. */
async function isAtWork(config: ClientConfig, processId: number | null): Promise<boolean> {
  const probe = new Client({
    ...config,
    application_name: 'chandler probe',
    connectionTimeoutMillis: probeTimeoutMs,
    query_timeout: probeTimeoutMs,
  })
  // A failed probe is a result; without this listener its error would end the process.
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
