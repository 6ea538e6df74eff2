import { createHash, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect as connectHttp2 } from 'node:http2'
import { get } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import WebSocket from 'ws'
import { createAuthority, issueServerCertificate } from '../../../src/server/tls/sign-certificate.ts'
import { type CliSystem, startCliSystem } from '../cli/cli-system.ts'

let system: CliSystem
let ca: string

async function download(path: string, options: object): Promise<Buffer> {
  const [response] = await once(get(`${system.server}${path}`, options), 'response')
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

beforeAll(async () => {
  system = await startCliSystem({ CHANDLER_TLS: 'true' })
  ca = (await download('/ca.pem', { rejectUnauthorized: false })).toString()
})
afterAll(() => system.stop())

test('the CA in DER has the digest that the server prints, and verifies the server', async () => {
  const der = await download('/ca.der', { rejectUnauthorized: false })
  const digest = createHash('sha256').update(der).digest('hex')
  expect(new X509Certificate(ca).fingerprint256.replaceAll(':', '').toLowerCase()).toBe(digest)
  expect(JSON.parse((await download('/healthz', { ca })).toString())).toEqual({ status: 'ok' })
  await expect(download('/healthz', {})).rejects.toThrow(/unable to verify/)
})

test('requests over HTTP/2 are served, with the host from :authority', async () => {
  const session = connectHttp2(system.server, { ca })
  const ask = async (path: string, headers = {}) => {
    const stream = session.request({ ':path': path, ...headers })
    const [answer] = await once(stream, 'response')
    return { status: answer[':status'] as number, body: await text(stream) }
  }
  expect(await ask('/healthz')).toEqual({ status: 200, body: '{"status":"ok"}' })
  expect((await ask('/install.sh')).body).toContain(`\ndefault_server='${system.server}'\n`)
  expect((await ask('/api/v1/whoami')).status).toBe(401)
  const authorization = `Basic ${Buffer.from('test:a-secret-for-this-test-only').toString('base64')}`
  expect((await ask('/api/v1/whoami', { authorization })).status).toBe(200)
  // Several at once on one connection, an event stream among them.
  const stream = session.request({ ':path': '/api/v1/events', authorization, accept: 'text/event-stream' })
  const [opened] = await once(stream, 'response')
  expect(opened[':status']).toBe(200)
  expect(String((await once(stream, 'data'))[0])).toBe(': open\n\n')
  expect(
    (await Promise.all(Array.from({ length: 20 }, () => ask('/healthz')))).every(({ status }) => status === 200),
  ).toBe(true)
  stream.close()
  session.close()
})

test('agents connect over the same port', async () => {
  const socket = new WebSocket(`${system.server.replace('https', 'wss')}/agent/v1/connect`, { ca })
  const [message] = await once(socket, 'message')
  expect(JSON.parse(String(message)).type).toBe('challenge')
  socket.terminate()
})

test('neither HSTS nor plain HTTP with a CA of the server itself', async () => {
  const [response] = await once(get(`${system.server}/healthz`, { ca }), 'response')
  expect(response.headers['strict-transport-security']).toBeUndefined()
  await expect(fetch(system.server.replace('https', 'http'))).rejects.toThrow('fetch failed')
})

test('with certificates of a company, browsers keep to HTTPS for as long as the setting says', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'chandler-tls-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const authority = await createAuthority(Date.now())
  const { certificate, privateKey } = await issueServerCertificate(authority, ['127.0.0.1'], Date.now())
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
  await Promise.all([writeFile(cert, certificate), writeFile(key, privateKey)])
  const files = { CHANDLER_TLS_CERT: cert, CHANDLER_TLS_KEY: key, CHANDLER_HSTS: '30d' }
  const { server, stop } = await startCliSystem(files)
  onTestFinished(() => stop())
  const [response] = await once(get(`${server}/healthz`, { ca: authority.certificate }), 'response')
  expect(response.headers['strict-transport-security']).toBe('max-age=2592000')
})
