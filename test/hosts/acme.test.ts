/** Certificates by ACME, with Pebble as the CA. Skipped without Pebble (Debian: pebble). */
import { randomBytes, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { Agent, get } from 'node:https'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { connect as connectTls } from 'node:tls'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Logger, silentLogger } from '../../src/lib/logger.ts'
import { createManualClock } from '../../src/lib/manual-clock.ts'
import { defaultAccountId } from '../../src/server/app/access/bootstrap.ts'
import { createSecretBox } from '../../src/server/boot/keys.ts'
import { readServerConfig } from '../../src/server/boot/settings/config.ts'
import { type RunningServer, startServer } from '../../src/server/boot/start-server.ts'
import { openAcmeIdentity } from '../../src/server/tls/acme/acme-identity.ts'
import { startTestDatabase, type TestDatabase } from '../integration/database/postgres.ts'
import { createPebble, hasPebble, type Pebble } from './pebble.ts'

const secretKey = randomBytes(32)
const host = 'chandler.test'
const year = 365 * 86_400_000
let folder: string
let pebble: Pebble
let db: TestDatabase
const started: RunningServer[] = []

beforeAll(async () => {
  if (!hasPebble) return
  folder = await mkdtemp(join(tmpdir(), 'chandler-acme-'))
  pebble = await createPebble(folder)
  await pebble.start()
  db = await startTestDatabase()
})
beforeEach(({ skip }) => skip(!hasPebble, 'this machine has no Pebble, and apt-get cannot fetch it'))
afterAll(async () => {
  for (const server of started) await server.close()
  await pebble?.stop()
  await db?.stop()
  if (folder !== undefined) await rm(folder, { recursive: true, force: true })
})

async function start(name: string, challengePort: number): Promise<RunningServer> {
  const environment = {
    DATABASE_URL: db.url,
    CHANDLER_SECRET_KEY: secretKey.toString('base64'),
    CHANDLER_OBJECTS: join(folder, 'objects'),
    CHANDLER_ACME: host,
    CHANDLER_ACME_DIRECTORY: pebble.directoryUrl,
    CHANDLER_ACME_CA: pebble.caFile,
    CHANDLER_ACME_LISTEN: `127.0.0.1:${challengePort}`,
    CHANDLER_BOOTSTRAP_ACCESS_KEY_ID: 'test',
    CHANDLER_BOOTSTRAP_ACCESS_KEY_SECRET: 'a-secret-for-this-test-only',
  }
  const config = readServerConfig({ data: join(folder, name), listen: '127.0.0.1:0' }, environment)
  const server = await startServer(config, silentLogger)
  started.push(server)
  return server
}

/** The certificate that a client of this host name sees. */
async function seenBy(server: RunningServer): Promise<X509Certificate> {
  const socket = connectTls({ port: Number(new URL(server.url).port), servername: host, rejectUnauthorized: false })
  await once(socket, 'secureConnect')
  const certificate = socket.getPeerX509Certificate()
  socket.destroy()
  if (certificate === undefined) throw new Error('the server has no certificate')
  return certificate
}

const isFromPebble = (certificate: X509Certificate) => certificate.issuer.includes('Pebble')

test('a server obtains a certificate that verifies; another server of the database uses the same one', async () => {
  const first = await start('s1', pebble.httpPort)
  expect(first.caSha256).toBeUndefined()
  await expect.poll(async () => isFromPebble(await seenBy(first)), { timeout: 110_000, interval: 100 }).toBe(true)

  const [response] = await once(
    get({
      host: '127.0.0.1',
      port: new URL(first.url).port,
      path: '/metrics',
      servername: host,
      headers: { host, authorization: `Basic ${btoa('test:a-secret-for-this-test-only')}` },
      ca: await pebble.readRoot(),
      agent: new Agent(),
    }),
    'response',
  )
  expect(response.statusCode).toBe(200)
  expect(response.headers['strict-transport-security']).toBe('max-age=86400')
  const certificate = await seenBy(first)
  const metrics = await text(response)
  expect(metrics).toContain(
    `chandler_tls_certificate_expiry_timestamp_seconds ${Date.parse(certificate.validTo) / 1_000}\n`,
  )
  expect(metrics).toContain('chandler_tls_certificate_orders_failed_total 0\n')

  const second = await start('s2', 0)
  expect((await seenBy(second)).fingerprint256).toBe(certificate.fingerprint256)
  expect((await db.pool.query('select 1 from acme_challenges')).rows).toEqual([])
})

test('browsers that use HTTP are sent to HTTPS; a challenge that does not exist is not found', async () => {
  const ask = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${pebble.httpPort}${path}`, { redirect: 'manual' })
    await response.text()
    return [response.status, response.headers.get('location')]
  }
  expect(await ask('/executions?x=1')).toEqual([308, `https://${host}`])
  expect(await ask('/.well-known/acme-challenge/unknown')).toEqual([404, null])
  const socket = connect(pebble.httpPort, '127.0.0.1')
  socket.end('GET /.well-known/acme-challenge/../../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n')
  expect(await text(socket)).toContain('308')
})

test('a certificate is renewed in time; a failure keeps it, is logged and counted, and is not repeated at once', async () => {
  for (const server of started.splice(0)) await server.close()
  const said: string[] = []
  let failed = 0
  const log = {
    ...silentLogger,
    error: (message: string, fields?: { problem?: string }) => said.push(`${message}: ${fields?.problem}`),
  } as Logger
  const clock = createManualClock(Date.now())
  const context = {
    database: db.database,
    secrets: createSecretBox(secretKey),
    clock,
    log,
    measurements: {
      certificateOrderFailed: () => failed++,
      firstOutput: () => undefined,
      reportStored: () => undefined,
      authenticationFailed: () => undefined,
    },
  }
  const settings = {
    names: [host],
    directoryUrl: pebble.directoryUrl,
    caFile: pebble.caFile,
    email: 'operator@example.com',
    listen: { host: '127.0.0.1', port: pebble.httpPort },
  }
  const identity = await openAcmeIdentity(settings, undefined, context, defaultAccountId)
  try {
    const obtained = identity.current.cert
    const { validTo } = new X509Certificate(obtained)
    const lifetimeMs = Date.parse(validTo) - Date.now()
    expect(lifetimeMs).toBeGreaterThan(year)
    // The next check finds nothing to do; the one after it is in the last third.
    await expect.poll(() => clock.dueAt().length).toBe(1)
    await clock.advance(60_000)
    await expect.poll(() => clock.dueAt().length).toBe(1)
    expect(identity.current.cert).toBe(obtained)

    await pebble.kill()
    await clock.advance(lifetimeMs * 0.7)
    await expect.poll(() => said.length, { timeout: 110_000 }).toBe(1)
    expect(said[0]).toContain('the certificate could not be obtained; the server keeps the previous one')
    expect(said[0]).not.toContain('PRIVATE KEY')
    expect(failed).toBe(1)
    expect(identity.current.cert).toBe(obtained)
    const { rows } = await db.pool.query(
      "select failures, next_attempt_at > now() + interval '14 minutes' as later from acme_certificates",
    )
    expect(rows).toEqual([{ failures: 1, later: true }])

    await pebble.start()
    await db.pool.query('update acme_certificates set next_attempt_at = now()')
    const renewed = Promise.withResolvers<string>()
    identity.onChange(({ cert }) => renewed.resolve(cert))
    await expect.poll(() => clock.dueAt().length).toBe(1)
    await clock.advance(60_000)
    expect(new X509Certificate(await renewed.promise).fingerprint256).not.toBe(
      new X509Certificate(obtained).fingerprint256,
    )
    expect((await db.pool.query('select failures from acme_certificates')).rows).toEqual([{ failures: 0 }])
  } finally {
    await identity.close()
  }
})
