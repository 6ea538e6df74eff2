/** Receivers of the audit log, with real sockets and a real process. */
import { execFileSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer, getCACertificates, setDefaultCACertificates } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import type { ExportedAuditEntry } from '../../app/access/audit/export-audit.ts'
import { createAuthority, issueServerCertificate } from '../../tls/sign-certificate.ts'
import { openAuditReceiver } from './audit-receivers.ts'

const makeEntry = (seq: number): ExportedAuditEntry => ({
  accountId: 'default' as never,
  id: seq,
  seq,
  hash: 'ab'.repeat(32),
  at: '2026-01-01T00:00:00.000Z',
  atMicros: 1_767_225_600_000_000,
  actor: 'anna',
  source: '192.0.2.1',
  action: 'CreateExtension',
  resource: 'extension/demo',
  detail: { n: seq, text: 'ä"\n]' },
})
const entries = [makeEntry(1), makeEntry(2)]
const header =
  /^<109>1 2026-01-01T00:00:00\.000Z host-1 chandler - CreateExtension \[audit@32473 account="default" seq="\d" hash="(ab){32}"\] /

/** The entry in a message of RFC 5424. */
function readSyslog(message: string): unknown {
  expect(message).toMatch(header)
  return JSON.parse(message.replace(header, ''))
}

test.each([
  ['udp4', '127.0.0.1', '127.0.0.1'],
  ['udp6', '::1', '[::1]'],
] as const)('syslog over %s: a datagram for each entry, in order', async (type, address, host) => {
  const socket = createSocket(type)
  onTestFinished(() => void socket.close())
  socket.bind(0, address)
  await once(socket, 'listening')
  const received: string[] = []
  const both = new Promise<void>((resolve) => {
    socket.on('message', (data) => {
      if (received.push(data.toString()) === entries.length) resolve()
    })
  })
  const receiver = openAuditReceiver(`syslog+udp://${host}:${socket.address().port}`, 'host-1')
  await receiver.deliver(entries)
  await both
  expect(received.map(readSyslog)).toEqual(entries)
})

test('syslog over UDP: an address that does not exist is an error, and nothing counts as delivered', async () => {
  await expect(openAuditReceiver('syslog+udp://host.invalid:514', 'host-1').deliver(entries)).rejects.toThrow(
    'host.invalid',
  )
})

async function startTlsReceiver(names: string[]) {
  const authority = await createAuthority(Date.now())
  const { certificate, privateKey } = await issueServerCertificate(authority, names, Date.now())
  let received = ''
  const server = createServer({ key: privateKey, cert: certificate }, (socket) => {
    socket.on('data', (data) => {
      received += data.toString()
    })
  }).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  server.on('tlsClientError', () => {
    // A client that refuses the certificate ends the handshake.
  })
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    authority,
    receiver: openAuditReceiver(`syslog+tls://localhost:${port}`, 'host-1'),
    received: () => received,
  }
}

function trust(certificate: string): void {
  const before = getCACertificates('default')
  setDefaultCACertificates([...before, certificate])
  onTestFinished(() => setDefaultCACertificates(before))
}

test('syslog over TLS: every entry arrives in a frame with its length', async () => {
  const { authority, receiver, received } = await startTlsReceiver(['localhost'])
  trust(authority.certificate)
  await receiver.deliver(entries)
  let rest = Buffer.from(received())
  const frames: unknown[] = []
  while (rest.length > 0) {
    const [prefix = '', length = ''] = /^(\d+) /.exec(rest.toString()) ?? []
    const end = prefix.length + Number(length)
    frames.push(readSyslog(rest.subarray(prefix.length, end).toString()))
    rest = rest.subarray(end)
  }
  expect(frames).toEqual(entries)
})

test('syslog over TLS: a certificate of an unknown CA, or for another name, gets nothing', async () => {
  const unknown = await startTlsReceiver(['localhost'])
  await expect(unknown.receiver.deliver(entries)).rejects.toMatchObject({
    code: expect.stringMatching(/UNABLE_TO_VERIFY|SELF_SIGNED|UNABLE_TO_GET/),
  })
  const other = await startTlsReceiver(['other.test'])
  trust(other.authority.certificate)
  await expect(other.receiver.deliver(entries)).rejects.toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' })
  expect([unknown.received(), other.received()]).toEqual(['', ''])
})

test('stdout: a line of JSON for each entry', () => {
  const module = fileURLToPath(new URL('audit-receivers.ts', import.meta.url))
  const program = `
    import { openAuditReceiver } from ${JSON.stringify(module)}
    await openAuditReceiver('stdout', 'host-1').deliver(${JSON.stringify(entries)})`
  const printed = execFileSync(process.execPath, ['--input-type=module', '-e', program]).toString()
  expect(printed.endsWith('\n')).toBe(true)
  expect(
    printed
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown),
  ).toEqual(entries)
})
