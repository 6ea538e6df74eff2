import { randomBytes, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { connect, createServer } from 'node:tls'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestDatabase, type TestDatabase } from '../../../test/integration/database/postgres.ts'
import type { AccountId } from '../../core/id.ts'
import { certificateLifetimeMs } from '../../core/tls/certificate-plan.ts'
import type { Logger } from '../../lib/logger.ts'
import { createManualClock } from '../../lib/manual-clock.ts'
import { createSecretBox } from '../boot/keys.ts'
import { openOwnAuthorities, rotateOwnAuthority } from './own-authorities.ts'
import { openOwnIdentity } from './own-identity.ts'
import type { TlsCredentials } from './server-identity.ts'

let db: TestDatabase
beforeAll(async () => {
  db = await startTestDatabase()
})
afterAll(() => db.stop())

const startAt = Date.now()
const log = { info: () => {}, warn: () => {} } as unknown as Logger
const account = (name: string) => name as AccountId
const makeContext = () => ({
  database: db.database,
  secrets: createSecretBox(randomBytes(32)),
  clock: createManualClock(startAt),
  log,
})

/** What a client that trusts `ca` says about a server with these credentials: `ok` or an error code. */
async function verify(credentials: TlsCredentials, ca: string): Promise<string> {
  const server = createServer(credentials, (socket) => socket.end()).listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    const socket = connect({
      port: (server.address() as AddressInfo).port,
      host: '127.0.0.1',
      servername: 'localhost',
      ca,
    })
    return await new Promise((resolve) => {
      socket.once('secureConnect', () => resolve('ok'))
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    })
  } finally {
    server.close()
  }
}

test('servers that start together share one CA, whose key is sealed', async () => {
  const context = makeContext()
  const opened = await Promise.all([1, 2, 3].map(() => openOwnAuthorities(context, account('together'))))
  expect(new Set(opened.map(({ digest }) => digest)).size).toBe(1)
  const { rows } = await db.pool.query(
    "select private_key_sealed from certificate_authorities where account_id = 'together'",
  )
  expect(rows).toHaveLength(1)
  expect(String(rows[0].private_key_sealed)).not.toContain('PRIVATE KEY')
  await expect(openOwnAuthorities(makeContext(), account('together'))).rejects.toThrow('another secret key')
})

test('the certificate is renewed before it expires, and for added names', async () => {
  const context = makeContext()
  let names = ['localhost']
  const identity = await openOwnIdentity(context, account('renewed'), () => names)
  const first = identity.current
  expect(await verify(first, identity.authorities?.trusted[0] as string)).toBe('ok')
  const change = () => new Promise<TlsCredentials>((resolve) => identity.onChange(resolve))

  let changed = change()
  await context.clock.advance((certificateLifetimeMs * 2) / 3 + 60_000)
  const second = await changed
  expect(Date.parse(new X509Certificate(second.cert).validTo)).toBeGreaterThan(
    Date.parse(new X509Certificate(first.cert).validTo),
  )

  names = ['chandler.example', 'localhost']
  changed = change()
  await context.clock.advance(60_000)
  expect(new X509Certificate((await changed).cert).subjectAltName).toBe('DNS:chandler.example, DNS:localhost')
  await identity.close()
})

test('after a rotation, who trusts only the old CA and who trusts only the new one both verify the server', async () => {
  const context = makeContext()
  const id = account('rotated')
  const identity = await openOwnIdentity(context, id, () => ['localhost'])
  const [oldCa] = identity.authorities?.trusted ?? []
  const rotated = new Promise<TlsCredentials>((resolve) => identity.onChange(resolve))
  await rotateOwnAuthority(context, id, 3_600_000)
  await context.clock.advance(60_000)
  const credentials = await rotated
  const [newCa, kept] = identity.authorities?.trusted ?? []
  expect(kept).toBe(oldCa)
  expect(newCa).not.toBe(oldCa)
  expect(await verify(credentials, oldCa as string)).toBe('ok')
  expect(await verify(credentials, newCa as string)).toBe('ok')
  const other = await openOwnAuthorities(context, account('unrelated'))
  expect(await verify(credentials, other.trusted[0] as string)).not.toBe('ok')

  // Twice: the chain leads over both.
  const again = new Promise<TlsCredentials>((resolve) => identity.onChange(resolve))
  await rotateOwnAuthority(context, id, 3_600_000)
  await context.clock.advance(60_000)
  expect(await verify(await again, oldCa as string)).toBe('ok')

  // The overlap has ended.
  const after = { ...context, clock: createManualClock(startAt + 7_200_000) }
  expect((await openOwnAuthorities(after, id)).trusted).toHaveLength(1)
  await identity.close()
})
