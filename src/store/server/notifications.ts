import { sql } from 'kysely'
import { Client, type ClientConfig } from 'pg'
import { guardConnection, guardedConnection } from '../database/connection-guard.ts'
import type { Connection } from '../database/database.ts'

/**
 * Messages between replicas; any may be lost without harm. Payloads are JSON of at most 8,000 bytes
 * (PostgreSQL's limit).
 */
export const channels = ['chandler_nudge', 'chandler_changed', 'chandler_disconnect', 'chandler_reconnect'] as const
export type Channel = (typeof channels)[number]

const maxPayloadBytes = 7_500

/** Publishes ids on a channel, in as few notifications as possible. */
export async function notifyReplicas(
  connection: Connection,
  channel: Channel,
  from: string,
  words: readonly string[],
): Promise<void> {
  for (let start = 0; start < words.length; ) {
    let bytes = from.length + 32
    let end = start
    while (end < words.length && bytes + (words[end] as string).length + 3 <= maxPayloadBytes)
      bytes += (words[end++] as string).length + 3
    await sql`select pg_notify(${channel}, ${JSON.stringify({ from, words: words.slice(start, end) })})`.execute(
      connection,
    )
    start = Math.max(end, start + 1)
  }
}

/** A session that listens for messages of other replicas. */
export interface ReplicaListener {
  /** Aborts when the session is gone: notifications are lost until a new session listens. */
  readonly gone: AbortSignal
  /**
   * Checks that the session is alive; `gone` aborts if it is not. A dead path causes no other
   * error.
   */
  check(): Promise<void>
  end(): Promise<void>
}

/**
 * Listens on every channel. `onMessage` gets messages of other replicas, not those of this process;
 * `onInvalid` gets any other payload: every user of the database may notify these channels with any
 * text.
 */
export async function listenToReplicas(
  connection: ClientConfig,
  self: string,
  onMessage: (channel: Channel, words: string[]) => void,
  onInvalid: (channel: string, error: unknown) => void,
): Promise<ReplicaListener> {
  const client = new Client({ ...guardedConnection, ...connection, application_name: 'chandler notifications' })
  const gone = new AbortController()
  client.on('error', () => gone.abort())
  client.on('end', () => gone.abort())
  client.on('notification', ({ channel, payload }) => {
    // An error thrown here would end the process, because no caller awaits this callback.
    try {
      const { from, words } = parsePayload(payload)
      if (from !== self) onMessage(channel as Channel, words)
    } catch (error) {
      onInvalid(channel, error)
    }
  })
  await client.connect()
  await guardConnection(client, connection)
  for (const channel of channels) await client.query(`listen ${channel}`)
  return {
    gone: gone.signal,
    async check() {
      await client.query('select 1')
    },
    end: () => client.end(),
  }
}

function parsePayload(payload = ''): { readonly from: string; readonly words: string[] } {
  const value: unknown = JSON.parse(payload)
  if (typeof value === 'object' && value !== null && 'from' in value && 'words' in value) {
    const { from, words } = value
    if (typeof from === 'string' && Array.isArray(words) && words.every((word) => typeof word === 'string'))
      return { from, words }
  }
  throw new TypeError('The payload is not {"from": "…", "words": ["…"]}.')
}
