import { createSocket } from 'node:dgram'
import { open } from 'node:fs/promises'
import { createConnection, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { AuditReceiver, ExportedAuditEntry } from '../../app/access/audit/export-audit.ts'
import { renderSyslog } from './syslog.ts'

/** Of a connection, an answer or the end of a connection. */
const timeoutMs = 15_000

/** The receiver of a validated setting; see `parseAuditReceivers`. */
export function openAuditReceiver(url: string, hostName: string): AuditReceiver {
  if (url === 'stdout') return { name: url, deliver: writeOut }
  const { protocol, hostname, port, pathname, username, password } = new URL(url)
  const withoutCredentials = new URL(url)
  withoutCredentials.username = ''
  withoutCredentials.password = ''
  const name = withoutCredentials.href
  const host = hostname.replace(/^\[|\]$/g, '')
  const frames = (entries: readonly ExportedAuditEntry[]) => entries.map((entry) => renderSyslog(entry, hostName))
  switch (protocol) {
    case 'file:':
      return { name, deliver: (entries) => appendLines(decodeURIComponent(pathname), entries) }
    case 'syslog+udp:':
      return { name, deliver: (entries) => sendDatagrams(host, Number(port || 514), frames(entries)) }
    case 'syslog+tcp:':
      return {
        name,
        deliver: (entries) => sendFrames(createConnection(Number(port || 601), host), 'connect', frames(entries)),
      }
    case 'syslog+tls:':
      return {
        name,
        deliver: (entries) =>
          sendFrames(
            connectTls({ host, port: Number(port || 6514), servername: host }),
            'secureConnect',
            frames(entries),
          ),
      }
    default:
      return { name, deliver: (entries) => post(name, `${username}:${decodeURIComponent(password)}`, entries) }
  }
}

const renderLines = (entries: readonly ExportedAuditEntry[]) =>
  entries.map((entry) => `${JSON.stringify(entry)}\n`).join('')

const writeOut = (entries: readonly ExportedAuditEntry[]) =>
  new Promise<void>((resolve, reject) =>
    process.stdout.write(renderLines(entries), (error) => (error ? reject(error) : resolve())),
  )

/** Opened for every delivery, so that a rotated file is replaced; on disk when it returns. */
async function appendLines(path: string, entries: readonly ExportedAuditEntry[]): Promise<void> {
  const file = await open(path, 'a', 0o600)
  try {
    await file.appendFile(renderLines(entries))
    await file.datasync()
  } finally {
    await file.close()
  }
}

async function post(url: string, credentials: string, entries: readonly ExportedAuditEntry[]): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-ndjson',
      ...(credentials === ':' ? {} : { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` }),
    },
    body: renderLines(entries),
    redirect: 'error',
    signal: AbortSignal.timeout(timeoutMs),
  })
  await response.body?.cancel()
  if (!response.ok) throw new Error(`the receiver answered ${response.status}`)
}

async function sendDatagrams(host: string, port: number, frames: readonly Buffer[]): Promise<void> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4')
  try {
    for (const frame of frames)
      await new Promise<void>((resolve, reject) =>
        socket.send(frame, port, host, (error) => (error ? reject(error) : resolve())),
      )
  } finally {
    socket.close()
  }
}

/**
 * Octet counting (RFC 6587, RFC 5425) over one connection per delivery. The receiver closes it after
 * it has read everything: only then the entries count as delivered.
 */
async function sendFrames(socket: Socket, ready: string, frames: readonly Buffer[]): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    socket.setTimeout(timeoutMs, () => socket.destroy(new Error('the receiver did not answer in time')))
    socket.once('error', reject)
    socket.once('close', (hadError) => hadError || resolve())
    // What a receiver sends is of no interest, but unread data would keep the connection open.
    socket.resume()
    socket.once(ready, () =>
      socket.end(Buffer.concat(frames.flatMap((frame) => [Buffer.from(`${frame.length} `), frame]))),
    )
  })
}
