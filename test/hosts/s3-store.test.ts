// Objects in a real S3 server: the driver itself, then a server and an agent with it.
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { CreateBucketCommand, CreateMultipartUploadCommand, UploadPartCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFailed, test, vi } from 'vitest'
import { sha256Of } from '../../src/lib/digest.ts'
import type { ObjectStore } from '../../src/objects/object-store.ts'
import { createS3Clients } from '../../src/objects/s3-client.ts'
import { listKeys, listMultipartUploads } from '../../src/objects/s3-list.ts'
import { createS3ObjectStore } from '../../src/objects/s3-object-store.ts'
import { startLedgerRun } from '../faults/ledger.ts'
import { startProgram } from '../faults/program.ts'
import { createSystem, type Server, type System } from '../faults/system.ts'
import { expectTruth } from '../faults/truth.ts'
import { type SwiftServer, startSwift, whyNoSwift } from './swift-server.ts'

const reason = await whyNoSwift()
const MiB = 1024 * 1024
const bucket = 'chandler-test'
let swift: SwiftServer
const settings = (prefix: string) => ({
  bucket,
  prefix,
  region: 'us-east-1',
  endpoint: swift.endpoint,
  pathStyle: true,
})

beforeAll(async () => {
  if (reason !== undefined) return
  swift = await startSwift()
  const { client } = createS3Clients(settings(''), { credentials: swift.credentials })
  await client.send(new CreateBucketCommand({ Bucket: bucket }))
}, 600_000)
afterAll(() => swift?.remove())
beforeEach(({ skip }) => skip(reason !== undefined, `this machine has no S3 server: ${reason}`))

const open = (prefix: string, options: { maxCopyBytes?: number; daysAhead?: number; secret?: string } = {}) => {
  const credentials = { ...swift.credentials, ...(options.secret && { secretAccessKey: options.secret }) }
  const clients = createS3Clients(settings(prefix), { credentials, maxAttempts: 2 })
  const ahead = (options.daysAhead ?? 0) * 86_400_000
  const store = createS3ObjectStore({
    ...clients,
    bucket,
    prefix,
    clock: { now: () => Date.now() + ahead, monotonicMs: () => performance.now() },
    ...(options.maxCopyBytes === undefined ? {} : { maxCopyBytes: options.maxCopyBytes }),
  })
  const place = { client: clients.client, bucket }
  const keys = async () => {
    const found: string[] = []
    for await (const { key } of listKeys(place, `${prefix}/`)) found.push(key.slice(prefix.length + 1))
    return found
  }
  const uploads = async () => {
    let count = 0
    for await (const _ of listMultipartUploads(place, `${prefix}/`)) count++
    return count
  }
  return { store, place, keys, uploads }
}

/** In chunks, as a request delivers them. */
const streamOf = (bytes: Buffer) =>
  Readable.from(
    (function* () {
      for (let start = 0; start < bytes.length; start += 60_000) yield bytes.subarray(start, start + 60_000)
    })(),
  )
async function put(store: ObjectStore, bytes: Buffer): Promise<string> {
  const received = await store.receive(streamOf(bytes), 100 * MiB)
  expect(received).toMatchObject({ sha256: sha256Of(bytes), sizeBytes: bytes.length })
  await received.keep()
  await received.discard()
  return received.sha256
}
async function bytesOf(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const copies: Buffer[] = []
  for await (const chunk of chunks) copies.push(Buffer.from(chunk))
  return Buffer.concat(copies)
}

describe('objects', () => {
  test.each([
    ['empty', 0, undefined],
    ['small', 1_000, undefined],
    ['exactly one part', 8 * MiB, undefined],
    ['several parts', 20 * MiB + 7, undefined],
    ['several parts, copied in parts', 20 * MiB + 7, 6 * MiB],
  ])(
    '%s: stored under their digest, found, read whole and in ranges, listed, removed; nothing else remains',
    async (name, size, maxCopyBytes) => {
      const { store, keys, uploads } = open(`objects-${name.replaceAll(/\W+/g, '-')}`, {
        ...(maxCopyBytes && { maxCopyBytes }),
      })
      const bytes = randomBytes(size)
      const sha256 = await put(store, bytes)
      expect(await store.find(sha256)).toEqual({ sha256, sizeBytes: size })
      expect(sha256Of(await bytesOf(await store.read(sha256)))).toBe(sha256)
      if (size > 10) {
        expect(await bytesOf(await store.read(sha256, { start: size - 9, end: size - 3 }))).toEqual(
          bytes.subarray(-9, -2),
        )
        expect(await bytesOf(await store.read(sha256, { start: size - 4 }))).toEqual(bytes.subarray(-4))
      }
      for await (const one of store.list()) expect(one).toEqual({ sha256, sizeBytes: size })
      expect(await keys()).toEqual([`objects/${sha256}`])
      expect(await uploads()).toBe(0)
      await store.remove(sha256)
      await store.remove(sha256)
      expect(await store.find(sha256)).toBeUndefined()
      await expect(store.read(sha256)).rejects.toMatchObject({ code: 'ArtifactNotFound' })
    },
  )

  test('an upload that is too large or breaks off is aborted, and its parts are gone', async () => {
    const { store, keys, uploads } = open('broken')
    await expect(store.receive(streamOf(randomBytes(20 * MiB)), 18 * MiB)).rejects.toMatchObject({
      code: 'ArtifactTooLarge',
    })
    const error = new Error('the sender disconnected')
    const broken = Readable.from(
      (async function* () {
        for (let count = 0; count < 18; count++) yield Buffer.alloc(MiB)
        throw error
      })(),
    )
    await expect(store.receive(broken, 100 * MiB)).rejects.toBe(error)
    expect(await uploads()).toBe(0)
    expect(await keys()).toEqual([])
  })

  test('received bytes that are not kept are no object', async () => {
    const { store, keys } = open('unkept')
    const received = await store.receive(streamOf(randomBytes(9 * MiB)), 100 * MiB)
    expect(await store.find(received.sha256)).toBeUndefined()
    await received.discard()
    expect(await keys()).toEqual([])
  })

  test('a sweep removes what crashes left, and keeps objects and what is recent', async () => {
    const { store, place, keys, uploads } = open('swept')
    const sha256 = await put(store, Buffer.from('kept'))
    await store.receive(streamOf(randomBytes(9 * MiB)), 100 * MiB)
    await store.drafts.append('up-0123456789', 0, streamOf(Buffer.from('draft')), 100)
    const target = { Bucket: bucket, Key: 'swept/incoming/abandoned' }
    const { UploadId } = await place.client.send(new CreateMultipartUploadCommand(target))
    await place.client.send(new UploadPartCommand({ ...target, UploadId, PartNumber: 1, Body: Buffer.alloc(5 * MiB) }))
    expect(await store.sweep()).toBe(0)
    expect(await uploads()).toBe(1)
    expect(await open('swept', { daysAhead: 3 }).store.sweep()).toBe(3)
    expect(await uploads()).toBe(0)
    expect(await keys()).toEqual([`objects/${sha256}`])
  })
})

describe('resumable uploads', () => {
  test('continue after a lost connection, whatever overlaps, and are read in order', async () => {
    const {
      store: { drafts },
      keys,
    } = open('drafts')
    const bytes = randomBytes(19 * MiB)
    const id = 'up-abcdefghij'
    expect(await drafts.size(id)).toBe(0)
    const lost = Readable.from(
      (async function* () {
        yield bytes.subarray(0, 9 * MiB)
        throw new Error('lost')
      })(),
    )
    await expect(drafts.append(id, 0, lost, bytes.length)).rejects.toThrow('lost')
    expect(await drafts.size(id)).toBe(9 * MiB)
    await expect(drafts.append(id, 10 * MiB, streamOf(bytes.subarray(10 * MiB)), bytes.length)).rejects.toMatchObject({
      code: 'UploadOffsetWrong',
    })
    // A second sender repeats bytes that are stored already, in other pieces.
    await drafts.append(id, 0, streamOf(bytes.subarray(0, 3 * MiB)), bytes.length)
    expect(await drafts.size(id)).toBe(9 * MiB)
    expect(await drafts.append(id, 8 * MiB, streamOf(bytes.subarray(8 * MiB)), bytes.length)).toBe(bytes.length)
    expect(sha256Of(await bytesOf(drafts.read(id)))).toBe(sha256Of(bytes))
    await expect(drafts.append(id, bytes.length, streamOf(Buffer.from('x')), bytes.length)).rejects.toMatchObject({
      code: 'ArtifactTooLarge',
    })
    await drafts.remove(id)
    expect(await keys()).toEqual([])
  })
})

describe('download URLs', () => {
  test('serve ranges without other credentials, for their object and time only', async () => {
    const { store } = open('presigned')
    const bytes = randomBytes(9 * MiB)
    const sha256 = await put(store, bytes)
    const url = (await store.presign(sha256, 'demo.bin', 60_000)) ?? ''
    const part = await fetch(url, { headers: { range: 'bytes=5-8' } })
    expect([part.status, Buffer.from(await part.arrayBuffer())]).toEqual([206, bytes.subarray(5, 9)])
    const other = await put(store, Buffer.from('other'))
    expect((await fetch(url.replace(sha256, other))).status).toBe(403)
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - 3_600_000 })
    const expired =
      (await open('presigned')
        .store.presign(sha256, 'demo.bin', 60_000)
        .finally(() => vi.useRealTimers())) ?? ''
    expect((await fetch(expired)).status).toBe(403)
  })
})

describe('a store that fails', () => {
  test('refused credentials are permanent, a store that is away is temporary, and works again after its return', async () => {
    await expect(open('refused', { secret: 'wrong' }).store.check()).rejects.toMatchObject({
      code: 'ObjectStoreRefused',
    })
    const { store } = open('away')
    await store.check()
    await swift.stop()
    try {
      await expect(store.receive(streamOf(randomBytes(9 * MiB)), 100 * MiB)).rejects.toMatchObject({
        code: 'ObjectStoreUnavailable',
      })
      await expect(store.check()).rejects.toMatchObject({ code: 'ObjectStoreUnavailable' })
    } finally {
      await swift.start()
    }
    await store.check()
    await put(store, Buffer.from('back'))
  })

  test('a full store is reported as such, and keeps nothing', async () => {
    const { store, keys, uploads } = open('full')
    const received = await store.receive(streamOf(Buffer.from('small')), 100)
    await swift.setQuota(bucket, 1)
    try {
      await expect(received.keep()).rejects.toMatchObject({ code: 'ObjectStoreFull', status: 507 })
      await expect(store.check()).rejects.toMatchObject({ code: 'ObjectStoreFull' })
    } finally {
      await swift.setQuota(bucket, undefined)
    }
    expect(await keys()).toEqual([])
    expect(await uploads()).toBe(0)
    await received.keep()
    expect(await store.find(received.sha256)).toBeDefined()
  })
})

/** The environment of a server on this store. */
const environment = (changes: Readonly<Record<string, string>> = {}) => ({
  CHANDLER_OBJECTS: `s3://${bucket}/server`,
  CHANDLER_S3_ENDPOINT: swift.endpoint,
  CHANDLER_S3_PATH_STYLE: 'true',
  AWS_ACCESS_KEY_ID: swift.credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: swift.credentials.secretAccessKey,
  AWS_EC2_METADATA_DISABLED: 'true',
  ...changes,
})

test.each([
  [
    'a bucket that does not exist',
    { CHANDLER_OBJECTS: 's3://no-such-bucket' },
    /bucket of s3:\/\/no-such-bucket at .* does not exist/,
  ],
  ['a wrong secret', { AWS_SECRET_ACCESS_KEY: 'wrong' }, /refuses the credentials .*SignatureDoesNotMatch/],
  [
    'no credentials',
    { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' },
    /no credentials for .* Set AWS_ACCESS_KEY_ID/,
  ],
  [
    'an address where nothing listens',
    { CHANDLER_S3_ENDPOINT: 'http://127.0.0.1:1' },
    /cannot be reached \(ECONNREFUSED.* Check CHANDLER_S3_ENDPOINT/,
  ],
])('a server does not start with %s, and names the cause', async (_, changes, message) => {
  const folder = await mkdtemp(join(tmpdir(), 'chandler-s3-'))
  try {
    const program = startProgram(['server', '--data', folder, '--listen', '127.0.0.1:0'], environment(changes))
    expect(await program.end('SIGCONT')).toBe(1)
    expect(program.log.join('\n')).toMatch(message)
    expect(program.log.join('\n')).not.toContain('    at ')
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

describe('a server with a bucket', () => {
  let system: System
  let server: Server
  beforeAll(async () => {
    if (reason !== undefined) return
    system = await createSystem()
    server = await system.addServer({ environment: { ...environment(), CHANDLER_METRICS_LISTEN: '127.0.0.1:0' } })
  })
  afterAll(() => system?.stop())

  test('agents download from the store itself; a store that is away delays them, and loses nothing', async () => {
    onTestFailed(() => console.error(system.describe()))
    const agents = await system.addAgents(server, ['a1', 'a2'])
    const ids = agents.map(({ id }) => id)
    const first = await startLedgerRun(server.client, system.folder, ids, { artifactBytes: 17 * MiB })
    await first.open()
    await expectTruth(server.client, first)

    const metrics = JSON.parse(await server.program.says(/metrics are served without/)).url as string
    const text = await (await fetch(metrics)).text()
    expect(text).toMatch(/chandler_http_requests_total\{method="POST",route="\/api\/v1\/executions"/)
    expect(text).not.toMatch(/route="\/artifacts\//)

    const second = await startLedgerRun(server.client, system.folder, ids, {
      artifactBytes: 9 * MiB,
      beforeStart: () => swift.stop(),
    })
    const readiness = await fetch(`${server.url}/readyz`)
    expect([readiness.status, await readiness.json()]).toMatchObject([
      503,
      { checks: { database: 'ok', objects: 'unavailable' } },
    ])
    const bytes = randomBytes(1_000)
    const upload = server.client.artifacts.upload({
      sha256: sha256Of(bytes),
      sizeBytes: bytes.length,
      open: async () => new Blob([bytes]),
    })
    await expect(upload).rejects.toMatchObject({ code: 'ObjectStoreUnavailable' })
    await swift.start()
    await second.open()
    await expectTruth(server.client, second)
    await vi.waitFor(async () => expect((await fetch(`${server.url}/readyz`)).status).toBe(200), {
      timeout: 110_000,
      interval: 200,
    })
    await server.client.artifacts.upload({
      sha256: sha256Of(bytes),
      sizeBytes: bytes.length,
      open: async () => new Blob([bytes]),
    })
  })
})
