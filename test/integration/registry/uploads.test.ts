import { randomBytes } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createClient } from '../../../src/client/client.ts'
import { maxOpenUploads, uploadKeptMs } from '../../../src/core/limits.ts'
import { sha256Of } from '../../../src/lib/digest.ts'
import { collectUploads } from '../../../src/server/app/artifact/resume-upload.ts'
import { createTcpProxy } from '../../faults/tcp-proxy.ts'
import { packageSamples } from '../../package-samples.ts'
import { startTestDatabase, type TestDatabase } from '../database/postgres.ts'
import { admin, basic, startTestApi, type TestApi } from './test-api.ts'

let db: TestDatabase
let api: TestApi
const connect = (server: string) => createClient({ server, accessKeyId: admin.id, accessKeySecret: admin.secret })
let client: ReturnType<typeof connect>
beforeAll(async () => {
  db = await startTestDatabase()
  api = await startTestApi(db.database)
  client = connect(api.url)
})
afterAll(async () => {
  await api.close()
  await db.stop()
})
beforeEach(() => db.database.deleteFrom('uploads').execute())

const bytes = randomBytes(3_000_000)
const sha256 = sha256Of(bytes)
async function stored(): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of await api.objects.read(sha256)) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
}
const put = (id: string, offset: number | string, body: Uint8Array | string) =>
  fetch(`${api.url}/api/v1/uploads/${id}?offset=${offset}`, {
    method: 'PUT',
    body: body as never,
    headers: { authorization: basic(admin), 'content-type': 'application/octet-stream' },
  })

test('in chunks of any size, one of them twice; finishing again gives the same answer', async () => {
  const { id, offset, expiresAt } = await client.uploads.create(bytes.length)
  expect([offset, expiresAt]).toEqual([0, '2026-01-02T00:00:00.000Z'])
  expect(await (await put(id, 0, bytes.subarray(0, 1_000_000))).json()).toMatchObject({ offset: 1_000_000 })
  expect(await (await put(id, 500_000, bytes.subarray(500_000, 700_000))).json()).toMatchObject({ offset: 1_000_000 })
  expect(await (await put(id, 1_000_000, bytes.subarray(1_000_000))).json()).toMatchObject({ offset: bytes.length })
  expect(await client.uploads.finish(id, sha256)).toEqual({ sha256, sizeBytes: bytes.length, existed: false })
  expect(await client.uploads.finish(id)).toEqual({ sha256, sizeBytes: bytes.length, existed: true })
  expect(await client.uploads.get(id)).toMatchObject({ offset: bytes.length })
  expect((await stored()).equals(bytes)).toBe(true)
  expect(await client.artifacts.exists(sha256)).toBe(true)
})

test('chunks received before the connection broke are kept', async () => {
  const { id } = await client.uploads.create(bytes.length)
  const request = httpRequest(`${api.url}/api/v1/uploads/${id}?offset=0`, {
    method: 'PUT',
    headers: {
      authorization: basic(admin),
      'content-type': 'application/octet-stream',
      'content-length': bytes.length,
    },
  })
  request.on('error', () => undefined)
  request.write(bytes.subarray(0, 2_000_000))
  await expect.poll(async () => (await client.uploads.get(id)).offset).toBe(2_000_000)
  await new Promise((resolve) => request.once('close', resolve).destroy())
  expect((await client.uploads.get(id)).offset).toBe(2_000_000)
  await put(id, 2_000_000, bytes.subarray(2_000_000))
  expect((await client.uploads.finish(id)).sha256).toBe(sha256)
})

test('a client sends a file over an unreliable network, and reports its progress', async () => {
  const proxy = await createTcpProxy({ host: '127.0.0.1', port: Number(new URL(api.url).port) })
  const seen: number[] = []
  let lost = 0
  const answer = await connect(proxy.url).uploads.send(new Blob([bytes]), {
    pieceBytes: 700_000,
    sha256,
    onProgress(sentBytes) {
      seen.push(sentBytes)
      if (sentBytes === 1_400_000 && lost === 0) proxy.cut()
    },
    onLost() {
      lost++
      proxy.restore()
    },
  })
  expect(answer).toMatchObject({ sha256, sizeBytes: bytes.length })
  expect(lost).toBeGreaterThan(0)
  expect(seen[0]).toBe(0)
  expect(seen.at(-1)).toBe(bytes.length)
  expect(seen).toEqual(seen.toSorted((a, b) => a - b))
  await proxy.stop()
})

test('an earlier upload is resumed; refusals are not retried', async () => {
  const { id } = await client.uploads.create(bytes.length)
  await put(id, 0, bytes.subarray(0, 2_500_000))
  const seen: number[] = []
  await client.uploads.send(new Blob([bytes]), { uploadId: id, onProgress: (sent) => seen.push(sent) })
  expect(seen).toEqual([2_500_000, bytes.length])
  await expect(client.uploads.send(new Blob([bytes]), { uploadId: 'up-none' })).rejects.toMatchObject({
    code: 'UploadNotFound',
  })
})

test('a gap, too many bytes, and too few are refused; nothing is lost by it', async () => {
  const { id } = await client.uploads.create(10)
  const gap = await put(id, 5, 'abc')
  expect([gap.status, await gap.json()]).toMatchObject([409, { code: 'UploadOffsetWrong' }])
  expect((await put(id, 0, '12345')).status).toBe(200)
  await expect(client.uploads.finish(id)).rejects.toMatchObject({ code: 'UploadIncomplete' })
  const long = await put(id, 5, '678901')
  expect([long.status, await long.json()]).toMatchObject([413, { code: 'ArtifactTooLarge' }])
  expect((await put(id, 5, '67890')).status).toBe(200)
  expect((await put(id, 'x', 'a')).status).toBe(400)
  expect((await client.uploads.finish(id)).sha256).toBe(sha256Of('1234567890'))
})

test('corrupt bytes are not an artifact, and the upload restarts', async () => {
  const { id } = await client.uploads.create(3)
  await put(id, 0, 'abc')
  await expect(client.uploads.finish(id, sha256Of('abd'))).rejects.toMatchObject({ code: 'ArtifactDigestMismatch' })
  expect(await client.artifacts.exists(sha256Of('abc'))).toBe(false)
  await expect(client.uploads.get(id)).rejects.toMatchObject({ code: 'UploadNotFound' })
})

test('uploads are limited in number and age, expire, and are private to their user', async () => {
  const { id } = await client.uploads.create(5)
  await put(id, 0, 'abc')
  await db.pool.query(`insert into accounts values ('other', 'other') on conflict do nothing`)
  await db.pool.query(`update uploads set account_id = 'other' where id = $1`, [id])
  for (const ask of [client.uploads.get, client.uploads.finish, client.uploads.delete])
    await expect(ask(id)).rejects.toMatchObject({ code: 'UploadNotFound' })
  expect((await put(id, 3, 'de')).status).toBe(404)
  await db.pool.query(`update uploads set account_id = 'default' where id = $1`, [id])

  await api.clock.advance(uploadKeptMs - 1)
  const context = { database: db.database, objects: api.objects, clock: api.clock }
  expect(await collectUploads(context)).toBe(0)
  await client.uploads.get(id)
  await api.clock.advance(uploadKeptMs)
  expect(await collectUploads(context)).toBe(0)
  await api.clock.advance(1)
  expect(await collectUploads(context)).toBe(1)
  expect(await api.objects.drafts.size(id)).toBe(0)

  await db.pool.query(
    `insert into uploads (id, account_id, created_by, size_bytes, created_at, touched_at)
     select 'up-' || lpad(n::text, 16, '0'), 'default', 'x', 1, now(), now() from generate_series(1, $1) n`,
    [maxOpenUploads],
  )
  await expect(client.uploads.create(1)).rejects.toMatchObject({ code: 'UploadsTooMany' })
  await client.uploads.delete('up-0000000000000001')
  const { id: another } = await client.uploads.create(1)
  await client.uploads.delete(another)
  await expect(client.uploads.create(0)).rejects.toMatchObject({ code: 'RequestInvalid' })
})

test('expired uploads are swept from the disk, recent ones are not', async () => {
  const { id } = await client.uploads.create(5)
  await put(id, 0, 'abc')
  await db.database.deleteFrom('uploads').execute()
  await api.objects.sweep()
  expect(await api.objects.drafts.size(id)).toBe(3)
  await api.clock.advance(Date.now() + 27 * 3_600_000 - api.clock.now())
  expect(await api.objects.sweep()).toBeGreaterThan(0)
  expect(await api.objects.drafts.size(id)).toBe(0)
  await expect(api.objects.drafts.size('../../etc/passwd')).rejects.toMatchObject({ code: 'UploadNotFound' })
})

test.each([
  [
    'debWithXz',
    { kind: 'deb', arch: 'x86_64', package: { name: 'demo-service', version: '1:2.4.1-3', architecture: 'amd64' } },
  ],
  [
    'rpm',
    { kind: 'rpm', arch: 'any', package: { name: 'demo-service', dependencies: expect.arrayContaining(['bash']) } },
  ],
  ['msi', { kind: 'msi', arch: 'x86_64', package: { name: 'Demo Service', version: '2.4.1', dependencies: [] } }],
] as const)('what is uploaded says what it is: %s', async (name, metadata) => {
  const sample = packageSamples[name]
  const uploaded = await client.uploads.send(new Blob([sample]))
  expect(await client.artifacts.getMetadata(uploaded.sha256)).toMatchObject({ ...metadata, sizeBytes: sample.length })
})

test('an unreadable package returns the reason; a missing artifact has no metadata', async () => {
  const broken = await client.uploads.send(new Blob([packageSamples.debWithXz.subarray(0, 150)]))
  expect(await client.artifacts.getMetadata(broken.sha256)).toEqual({
    kind: 'deb',
    sizeBytes: 150,
    problem: 'it ends too early',
  })
  await expect(client.artifacts.getMetadata('0'.repeat(64))).rejects.toMatchObject({ code: 'ArtifactNotFound' })
})

describe('a package for another architecture than its configuration', () => {
  const make = (configuration: object) => ({
    name: 'for-arm',
    configurations: [{ os: 'linux', run: { timeoutMs: 60_000 }, ...configuration }],
  })
  const refused = (arch: string) => ({
    status: 400,
    code: 'ExtensionInvalid',
    problems: [
      { path: 'configurations.0.artifact', message: expect.stringContaining(`the configuration is for ${arch}`) },
    ],
  })

  test('is refused when a version is created', async () => {
    const { sha256 } = await client.uploads.send(new Blob([packageSamples.debWithXz]))
    const artifact = { sha256, fileName: 'demo.deb', kind: 'deb' }
    const { body } = await api.call('POST', '/api/v1/extensions', make({ arch: 'arm64', artifact }))
    expect(body).toMatchObject(refused('arm64'))
    const any = await api.call('POST', '/api/v1/extensions', make({ arch: 'any', artifact }))
    expect(any.body).toMatchObject(refused('any architecture'))
    expect((await api.call('GET', '/api/v1/extensions/for-arm')).status).toBe(404)

    expect((await api.call('POST', '/api/v1/extensions', make({ arch: 'x86_64', artifact }))).status).toBe(201)
    const next = await api.call('POST', '/api/v1/extensions/for-arm/versions', {
      configurations: make({ arch: 'arm64', artifact }).configurations,
    })
    expect(next.body).toMatchObject(refused('arm64'))
  })

  test('is detected by its content: an unreadable package is accepted', async () => {
    const broken = await client.uploads.send(new Blob([packageSamples.debWithXz.subarray(0, 150)]))
    const artifact = { sha256: broken.sha256, fileName: 'demo.deb', kind: 'deb' }
    const { status } = await api.call('POST', '/api/v1/extensions', {
      ...make({ arch: 'arm64', artifact }),
      name: 'broken',
    })
    expect(status).toBe(201)
  })
})
