import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { type AccountId, makeExecutionId } from '../../src/core/id.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { sha256Of } from '../../src/lib/digest.ts'
import { silentLogger } from '../../src/lib/logger.ts'
import { createManualClock, type ManualClock } from '../../src/lib/manual-clock.ts'
import { createWakeHub } from '../../src/lib/wake-hub.ts'
import { createFileObjectStore } from '../../src/objects/file-object-store.ts'
import type { ObjectStore } from '../../src/objects/object-store.ts'
import { createApi } from '../../src/server/api/api.ts'
import { bootstrap, defaultAccountId } from '../../src/server/app/access/bootstrap.ts'
import { collectArtifacts } from '../../src/server/app/artifact/collect-artifacts.ts'
import { lockArtifacts } from '../../src/server/app/artifact/lock-artifacts.ts'
import { uploadArtifact } from '../../src/server/app/artifact/upload-artifact.ts'
import { type ArtifactUrlSigner, createArtifactUrlSigner } from '../../src/server/boot/artifact-url.ts'
import { createSecretBox } from '../../src/server/boot/keys.ts'
import { createSecretDigests } from '../../src/server/boot/secret-digests.ts'
import { makeAgentParts } from './api-parts.ts'
import { startTestDatabase, type TestDatabase } from './database/postgres.ts'

const hourMs = 3_600_000
const secrets = createSecretBox(randomBytes(32))
const digests = createSecretDigests(randomBytes(32))
const authorization = `Basic ${Buffer.from('key:a-secret-of-alice').toString('base64')}`
/** The owner of the access key. */
const alice = { accountId: defaultAccountId, name: 'alice', source: 'test', policies: 'everything' as const }
const bob = { accountId: 'bob' as AccountId, name: 'bob', source: 'test', policies: 'everything' as const }

let db: TestDatabase
let directory: string
let objects: ObjectStore
let clock: ManualClock
let signer: ArtifactUrlSigner
let api: Awaited<ReturnType<typeof startApi>>
let url: string

beforeAll(async () => {
  db = await startTestDatabase()
  const key = { id: 'key', secret: 'a-secret-of-alice' }
  await bootstrap({ database: db.database, secrets, random: randomBytes, clock: systemClock }, { accessKey: key })
  await db.database.insertInto('accounts').values({ id: bob.accountId, name: 'bob' }).execute()
})
afterAll(() => db.stop())

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'chandler-artifacts-'))
  clock = createManualClock(Date.now())
  objects = await createFileObjectStore(join(directory, 'objects'), clock)
  signer = createArtifactUrlSigner(randomBytes(32), clock, hourMs)
  api = await startApi(objects)
  url = api.url
})
afterEach(async () => {
  await api.close()
  await rm(directory, { recursive: true })
  await db.database.deleteFrom('extension_versions').execute()
  await db.database.deleteFrom('extensions').execute()
  await db.database.deleteFrom('artifacts').execute()
})

/** The API with access keys, and the parts of a server that artifacts need. */
async function startApi(served: ObjectStore) {
  const { agentBundles, installScript } = makeAgentParts(directory, '0', silentLogger)
  const app = await createApi(
    {
      ...context(),
      objects: served,
      secrets,
      digests,
      random: randomBytes,
      region: 'default',
      poke: () => {},
      changed: () => {},
      nudge: () => undefined,
      disconnect: () => undefined,
      reconnect: () => undefined,
      artifactUrl: async (sha256, fileName) => signer.sign(sha256, fileName),
      agentBundleUrl: signer.sign,
      wakeBoots: () => undefined,
      verifyArtifactAddress: signer.verify,
      watchExecution: () => createWakeHub().watch(makeExecutionId(randomBytes)),
      watchAllChanges: (maxKeys) => createWakeHub().watchAll(maxKeys),
      stopping: new AbortController().signal,
      agentBundles,
    },
    { version: '0', installScript },
  )
  const listening = await app.listen({ host: '127.0.0.1', port: 0 })
  return { url: listening, close: () => app.close(), [Symbol.asyncDispose]: () => app.close() }
}

const context = () => ({ database: db.database, objects, clock, log: silentLogger })
const artifactRows = () => db.database.selectFrom('artifacts').select(['account_id', 'sha256', 'size_bytes']).execute()
const storedFiles = async () =>
  (await readdir(join(directory, 'objects'), { recursive: true, withFileTypes: true })).filter((entry) =>
    entry.isFile(),
  ).length
const upload = (body: string | Buffer, headers: Record<string, string> = {}) =>
  fetch(`${url}/api/v1/artifacts`, { method: 'PUT', body: Buffer.from(body), headers: { authorization, ...headers } })
const codeOf = async (response: Response) => ((await response.json()) as { code: string }).code

/** A raw request, for example half of one. */
function open(method: string, path: string, headers: Record<string, string | number> = {}) {
  const request: ClientRequest = httpRequest(`${url}${path}`, { method, headers: { authorization, ...headers } })
  const answer = once(request, 'response').then(([response]) => response as IncomingMessage)
  // An awaiting test gets the error; an error of a request that the test aborts is ignored.
  answer.catch(() => {})
  return { request, answer }
}

describe('upload', () => {
  test.each(['application/octet-stream', 'application/json', 'text/plain', 'multipart/form-data'])(
    'takes bytes of content type %s as they are',
    async (type) => {
      const response = await upload('{"not":"parsed"', { 'content-type': type })
      expect(response.status).toBe(200)
      expect(await response.json()).toEqual({ sha256: sha256Of('{"not":"parsed"'), sizeBytes: 15, existed: false })
    },
  )

  test('accepts a stream of unknown length without a content type', async () => {
    const { request, answer } = open('PUT', '/api/v1/artifacts', { 'transfer-encoding': 'chunked' })
    request.write('one, ')
    request.end('two')
    expect(JSON.parse((await buffer(await answer)).toString())).toMatchObject({ sha256: sha256Of('one, two') })
  })

  test('the same bytes twice are one object and one row, and the second answer says so', async () => {
    await upload('same')
    expect(await (await upload('same')).json()).toMatchObject({ existed: true })
    expect(await artifactRows()).toEqual([{ account_id: 'default', sha256: sha256Of('same'), size_bytes: 4 }])
    expect(await storedFiles()).toBe(1)
  })

  test('does not reveal that another account has the bytes', async () => {
    await uploadArtifact(context(), bob, { bytes: Readable.from([Buffer.from('secret')]) })
    expect(await (await upload('secret')).json()).toMatchObject({ existed: false })
    expect(await storedFiles()).toBe(1)
  })

  test.each([
    ['damaged bytes', 'hellO', { 'x-content-sha256': sha256Of('hello') }, 400, 'ArtifactDigestMismatch'],
    ['an empty body', '', {}, 400, 'ArtifactEmpty'],
    ['an empty body with a digest', '', { 'x-content-sha256': sha256Of('') }, 400, 'ArtifactEmpty'],
  ])('%s: refused, and nothing is stored', async (_, body, headers, status, code) => {
    const response = await upload(body, headers as Record<string, string>)
    expect([response.status, await codeOf(response)]).toEqual([status, code])
    expect(await artifactRows()).toEqual([])
    expect(await storedFiles()).toBe(0)
  })

  test('an invalid digest is refused before the bytes are received', async () => {
    expect((await upload('x', { 'x-content-sha256': 'abc' })).status).toBe(400)
  })

  test('bytes beyond the limit are refused by their length, while the sender waits to send', async () => {
    const { request, answer } = open('PUT', '/api/v1/artifacts', { 'content-length': 11 * 1024 ** 3 })
    request.on('error', () => {})
    request.flushHeaders()
    const response = await answer
    expect(response.statusCode).toBe(413)
    expect(JSON.parse((await buffer(response)).toString())).toMatchObject({ code: 'ArtifactTooLarge' })
    // It never sends: the server closes its connection, by the clock.
    await clock.advance(6_000)
    await vi.waitFor(() => expect(request.socket?.destroyed).toBe(true), { timeout: 110_000 })
  })

  test('without an access key it is refused before a byte is received', async () => {
    const response = await upload('x', { authorization: '' })
    expect([response.status, await codeOf(response)]).toEqual([401, 'Unauthenticated'])
    expect((await fetch(`${url}/api/v1/artifacts/${sha256Of('x')}`, { method: 'HEAD' })).status).toBe(401)
  })

  test('the first upload of an account is in the audit log', async () => {
    await upload('audited')
    await upload('audited')
    const entries = await db.database
      .selectFrom('audit_log')
      .selectAll()
      .where('resource', '=', `artifact/${sha256Of('audited')}`)
      .execute()
    expect(entries).toMatchObject([
      { account_id: 'default', actor: 'admin', action: 'UploadArtifact', detail: { sizeBytes: 7 } },
    ])
  })

  test('an interrupted one leaves nothing', async () => {
    const { request } = open('PUT', '/api/v1/artifacts', { 'content-length': 1_000_000 })
    request.on('error', () => {})
    request.write(randomBytes(500_000))
    await vi.waitFor(async () => expect(await storedFiles()).toBe(1), { timeout: 110_000 })
    request.destroy()
    await vi.waitFor(async () => expect(await storedFiles()).toBe(0), { timeout: 110_000 })
    expect(await artifactRows()).toEqual([])
  })

  test('HEAD shows whether the bytes are needed, also when they were removed', async () => {
    const path = `${url}/api/v1/artifacts/${sha256Of('x')}`
    const status = async () => (await fetch(path, { method: 'HEAD', headers: { authorization } })).status
    expect(await status()).toBe(404)
    await uploadArtifact(context(), bob, { bytes: Readable.from([Buffer.from('x')]) })
    expect(await status()).toBe(404)
    await upload('x')
    expect(await status()).toBe(200)
    await objects.remove(sha256Of('x'))
    expect(await status()).toBe(404)
    await upload('x')
    expect(await status()).toBe(200)
  })
})

describe('download', () => {
  const content = randomBytes(1_000_000)
  const sha256 = sha256Of(content)
  let address: string
  beforeEach(async () => {
    await upload(content)
    address = url + signer.sign(sha256, 'demo-1.0.0.tar.gz')
  })

  test('the whole artifact, with the headers that a client needs to verify and resume it', async () => {
    const response = await fetch(address)
    expect(response.status).toBe(200)
    expect(Object.fromEntries(response.headers)).toMatchObject({
      etag: `"${sha256}"`,
      'accept-ranges': 'bytes',
      'content-length': '1000000',
      'content-type': 'application/octet-stream',
      'content-disposition': `attachment; filename="demo-1.0.0.tar.gz"; filename*=UTF-8''demo-1.0.0.tar.gz`,
    })
    expect(Buffer.from(await response.arrayBuffer()).equals(content)).toBe(true)
  })

  test.each([
    ['bytes=999990-', 206, 999_990, 1_000_000],
    ['bytes=0-0', 206, 0, 1],
    ['bytes=300000-700000', 206, 300_000, 700_001],
    ['bytes=-5', 206, 999_995, 1_000_000],
    ['bytes=1-2,4-5', 200, 0, 1_000_000],
  ])('range %s', async (range, status, start, stop) => {
    const response = await fetch(address, { headers: { range } })
    expect(response.status).toBe(status)
    if (status === 206) expect(response.headers.get('content-range')).toBe(`bytes ${start}-${stop - 1}/1000000`)
    expect(Buffer.from(await response.arrayBuffer()).equals(content.subarray(start, stop))).toBe(true)
  })

  test('a range outside of it returns the size', async () => {
    const response = await fetch(address, { headers: { range: 'bytes=1000000-' } })
    expect([response.status, await codeOf(response)]).toEqual([416, 'ArtifactRangeInvalid'])
    expect(response.headers.get('content-range')).toBe('bytes */1000000')
  })

  test('If-Range of other bytes returns the whole artifact', async () => {
    const part = { range: 'bytes=5-' }
    const lengthOf = async (ifRange: string) => {
      const response = await fetch(address, { headers: { ...part, 'if-range': ifRange } })
      return [response.status, (await response.arrayBuffer()).byteLength]
    }
    expect(await lengthOf(`"${sha256}"`)).toEqual([206, 999_995])
    expect(await lengthOf(`"${sha256Of('other')}"`)).toEqual([200, 1_000_000])
  })

  test('HEAD returns the length and no body', async () => {
    const response = await fetch(address, { method: 'HEAD' })
    expect([response.status, response.headers.get('content-length')]).toEqual([200, '1000000'])
    expect((await response.arrayBuffer()).byteLength).toBe(0)
  })

  test.each(['ünï cödé & more?.deb', '100%.deb', 'a%2Fb', 'quote".deb', 'x'.repeat(255), '漢'.repeat(85)])(
    'file name %s',
    async (name) => {
      const response = await fetch(url + signer.sign(sha256, name))
      expect(response.status).toBe(200)
      const disposition = response.headers.get('content-disposition') ?? ''
      expect(decodeURIComponent(disposition.split("filename*=UTF-8''")[1] ?? '')).toBe(name)
      await response.arrayBuffer()
    },
  )

  test.each([
    ['no signature', (path: string) => path.replace(/[?].*/, '')],
    ['a wrong signature', (path: string) => path.replace(/signature=.{5}/, 'signature=AAAAA')],
    ['two signatures', (path: string) => `${path}&signature=x`],
    ['a later end', (path: string) => path.replace('expires=', 'expires=1')],
    ['another file name', (path: string) => path.replace('demo', 'other')],
    ['another artifact', (path: string) => path.replace(sha256, sha256Of('other'))],
    ['no artifact at all', (path: string) => path.replace(sha256, '..%2f..%2fetc')],
  ])('with %s: 403, always with the same answer', async (_, change) => {
    const response = await fetch(change(address))
    expect([response.status, await codeOf(response)]).toEqual([403, 'ArtifactUrlInvalid'])
    expect(response.headers.get('etag')).toBeNull()
  })

  test('an expired URL: 403', async () => {
    await clock.advance(2 * hourMs)
    const response = await fetch(address)
    expect([response.status, await codeOf(response)]).toEqual([403, 'ArtifactUrlExpired'])
  })

  test('a valid URL of a removed artifact: 404', async () => {
    await objects.remove(sha256)
    expect((await fetch(address)).status).toBe(404)
  })

  test('an unreadable object is a broken body, not a short one', async () => {
    const broken: ObjectStore = {
      ...objects,
      async read() {
        return (async function* () {
          yield content.subarray(0, 500_000)
          throw new Error('the disk fails')
        })()
      },
    }
    await using other = await startApi(broken)
    const response = await fetch(other.url + signer.sign(sha256, 'x'))
    expect(response.headers.get('content-length')).toBe('1000000')
    await expect(response.arrayBuffer()).rejects.toThrow('terminated')
  })

  test('clients that do not read use little memory and are still served', async () => {
    const large = await objects.receive(Readable.from(Array.from({ length: 64 }, () => randomBytes(1_000_000))), 1e9)
    await large.keep()
    const path = signer.sign(large.sha256, 'large.bin')
    const before = process.memoryUsage().rss
    const waiting = await Promise.all(
      Array.from({ length: 300 }, async () => {
        const { request, answer } = open('GET', path)
        request.end()
        const response = await answer
        response.pause()
        return { request, response }
      }),
    )
    // All of them have their response header and none has read: what the server sends now fills
    // sockets, not the process.
    const grownMiB = (process.memoryUsage().rss - before) / 1024 ** 2
    // 300 readers hold 34 MB of chunks; both ends of every connection are in this process.
    expect(grownMiB).toBeLessThan(200)
    const [first, ...others] = waiting
    for (const { request } of others) request.destroy()
    expect(sha256Of(await buffer(first?.response as IncomingMessage))).toBe(large.sha256)
  })
})

describe('garbage collection', () => {
  const sha256 = sha256Of('bytes')
  const bytes = () => Readable.from([Buffer.from('bytes')])
  const collect = () => collectArtifacts(context())
  const insertVersion = (digest: string) => insertVersionIn(db.database, digest)
  async function insertVersionIn(connection: TestDatabase['database'], digest: string) {
    await connection
      .insertInto('extensions')
      .values({ id: 'ext-1', account_id: 'bob', name: 'demo', type: 'Application', latest_version: 1 })
      .execute()
    await connection
      .insertInto('extension_versions')
      .values({
        extension_id: 'ext-1',
        version: 1,
        account_id: 'bob',
        scope: '{}',
        parameters: '{}',
        configurations: JSON.stringify([{ id: 'c1' }, { id: 'c2', artifact: { sha256: digest, fileName: 'x' } }]),
      })
      .execute()
  }

  test('removes artifacts without a version that were not requested within a day', async () => {
    await uploadArtifact(context(), alice, { bytes: bytes() })
    await clock.advance(23 * hourMs)
    await uploadArtifact(context(), alice, { bytes: Readable.from([Buffer.from('young')]) })
    expect(await collect()).toMatchObject({ removed: 0 })
    await clock.advance(2 * hourMs)
    expect(await collect()).toEqual({ removed: 1, removedBytes: 5, swept: 0 })
    expect(await objects.find(sha256)).toBeUndefined()
    expect((await artifactRows()).map((row) => row.sha256)).toEqual([sha256Of('young')])
  })

  test('a request whether it exists keeps it for another day', async () => {
    await upload('bytes')
    await clock.advance(23 * hourMs)
    await fetch(`${url}/api/v1/artifacts/${sha256}`, { method: 'HEAD', headers: { authorization } })
    await clock.advance(2 * hourMs)
    expect(await collect()).toMatchObject({ removed: 0 })
  })

  test('keeps artifacts that a version of any account refers to', async () => {
    await uploadArtifact(context(), alice, { bytes: bytes() })
    await insertVersion(sha256)
    await clock.advance(48 * hourMs)
    expect(await collect()).toMatchObject({ removed: 0 })
    expect(await objects.find(sha256)).toBeDefined()
  })

  test('keeps old bytes that another account has just uploaded', async () => {
    await uploadArtifact(context(), alice, { bytes: bytes() })
    await clock.advance(48 * hourMs)
    await uploadArtifact(context(), bob, { bytes: bytes() })
    expect(await collect()).toMatchObject({ removed: 0 })
  })

  test('keeps bytes that this database does not know', async () => {
    const foreign = await objects.receive(bytes(), 100)
    await foreign.keep()
    await clock.advance(48 * hourMs)
    await collect()
    expect(await objects.find(sha256)).toBeDefined()
  })

  test('completes what a crash between the bytes and the row left', async () => {
    await uploadArtifact(context(), alice, { bytes: bytes() })
    await objects.remove(sha256)
    await clock.advance(48 * hourMs)
    expect(await collect()).toMatchObject({ removed: 1, removedBytes: 0 })
    expect(await artifactRows()).toEqual([])
  })

  test('beside uploads of the same bytes: a confirmed upload is available', async () => {
    for (let round = 0; round < 30; round++) {
      await uploadArtifact(context(), alice, { bytes: bytes() })
      await clock.advance(48 * hourMs)
      const [, ...uploaded] = await Promise.all([
        collect(),
        uploadArtifact(context(), round % 2 ? alice : bob, { bytes: bytes() }),
        collect(),
      ])
      expect(uploaded[0].sha256).toBe(sha256)
      expect(await objects.find(sha256), `round ${round}`).toBeDefined()
    }
  })

  test('a running collection delays the upload, then the bytes are stored again', async () => {
    await uploadArtifact(context(), alice, { bytes: bytes() })
    await clock.advance(48 * hourMs)
    const removing = Promise.withResolvers<void>()
    const goOn = Promise.withResolvers<void>()
    const slow: ObjectStore = {
      ...objects,
      async remove(digest) {
        removing.resolve()
        await goOn.promise
        await objects.remove(digest)
      },
    }
    const collected = collectArtifacts({ ...context(), objects: slow })
    await removing.promise
    const uploaded = uploadArtifact(context(), bob, { bytes: bytes() })
    await vi.waitFor(
      async () => {
        const { rows } = await db.pool.query("select 1 from pg_locks where locktype = 'advisory' and not granted")
        expect(rows).toHaveLength(1)
      },
      { timeout: 110_000 },
    )
    goOn.resolve()
    expect(await collected).toMatchObject({ removed: 1 })
    await uploaded
    expect(await objects.find(sha256)).toBeDefined()
    expect(await artifactRows()).toEqual([{ account_id: 'bob', sha256, size_bytes: 5 }])
  })

  test('a version that is being created keeps its artifact, and one that comes too late gets an error', async () => {
    await uploadArtifact(context(), bob, { bytes: bytes() })
    await clock.advance(48 * hourMs)
    const collected = await db.database.transaction().execute(async (transaction) => {
      const artifacts = await lockArtifacts(transaction, bob, [sha256])
      expect(artifacts.get(sha256)).toEqual({ sha256, sizeBytes: 5 })
      const collecting = collect()
      await vi.waitFor(
        async () => {
          const { rows } = await db.pool.query(
            "select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()",
          )
          expect(rows).toHaveLength(1)
        },
        { timeout: 110_000 },
      )
      await insertVersionIn(transaction, sha256)
      return { collecting }
    })
    expect(await collected.collecting).toMatchObject({ removed: 0 })
    expect(await objects.find(sha256)).toBeDefined()

    await db.database.deleteFrom('extension_versions').execute()
    expect(await collect()).toMatchObject({ removed: 1 })
    await expect(lockArtifacts(db.database, bob, [sha256])).rejects.toMatchObject({
      code: 'ArtifactNotFound',
    })
  })
})
