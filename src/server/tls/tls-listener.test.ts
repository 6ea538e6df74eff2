import { once } from 'node:events'
import { type AddressInfo, connect as connectTcp } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../lib/clock.ts'
import { silentLogger } from '../../lib/logger.ts'
import { createUnreadableHandler } from '../api/http/answer-unreadable.ts'
import { createAuthority, issueServerCertificate } from './sign-certificate.ts'
import { createTlsListener } from './tls-listener.ts'

/** A listener like that of the API. */
async function listen(headersTimeoutMs: number) {
  const authority = await createAuthority(Date.now())
  const { certificate: cert, privateKey: key } = await issueServerCertificate(authority, ['localhost'], Date.now())
  const server = createTlsListener(
    { current: { cert, key }, authorities: undefined, onChange: () => {}, close: async () => {} },
    (_, response) => response.end('served'),
    { maxHeaderSize: 16_384, headersTimeoutMs, idleTimeoutMs: 60_000 },
  )
  server.on('clientError', createUnreadableHandler({ log: silentLogger, clock: systemClock }))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { server, port: (server.address() as AddressInfo).port }
}

/** What the server sends through TLS on a connection, until its end. */
async function talk(raw: ReturnType<typeof connectTcp>, text: string): Promise<string> {
  const secure = connectTls({ socket: raw, rejectUnauthorized: false })
  let received = ''
  secure.on('data', (piece) => (received += String(piece)))
  secure.once('secureConnect', () => secure.write(text))
  // A connection that ends in the handshake has an error, too.
  secure.on('error', () => {})
  await new Promise((resolve) => secure.once('close', resolve))
  return received
}

test('a client whose handshake is too late gets no answer, so that it connects again', async () => {
  const { server, port } = await listen(100)
  const raw = connectTcp(port, '127.0.0.1')
  await once(server, 'tlsClientError')
  expect(await talk(raw, 'POST /agent/v1/enrol HTTP/1.1\r\n\r\n')).toBe('')
})

test('after the handshake, what is no HTTP is answered', async () => {
  const { port } = await listen(10_000)
  const raw = connectTcp(port, '127.0.0.1')
  expect(await talk(raw, 'HELO example\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 RequestInvalid\r\n[^]*it is not HTTP/)
})
