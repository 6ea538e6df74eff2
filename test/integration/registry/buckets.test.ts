import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { sha256Of } from '../../../src/lib/digest.ts'
import { silentLogger } from '../../../src/lib/logger.ts'
import { collectArtifacts } from '../../../src/server/app/artifact/collect-artifacts.ts'
import { startTestDatabase, type TestDatabase } from '../database/postgres.ts'
import { admin, basic, startTestApi, type TestApi } from './test-api.ts'

let db: TestDatabase
let api: TestApi

beforeAll(async () => {
  db = await startTestDatabase()
})
afterAll(() => db.stop())
beforeEach(async () => {
  api = await startTestApi(db.database)
})
afterEach(async () => {
  await api.close()
  for (const table of ['extension_versions', 'extensions', 'objects', 'buckets', 'artifacts'] as const)
    await db.database.deleteFrom(table).execute()
})

const createBucket = (name = 'my-ext') => api.call('POST', '/api/v1/buckets', { name })
const put = async (key: string, bytes: string, { bucket = 'my-ext', headers = {} as Record<string, string> } = {}) => {
  const response = await fetch(`${api.url}/api/v1/buckets/${bucket}/objects/${key}`, {
    method: 'PUT',
    body: bytes,
    headers: { authorization: basic(admin), ...headers },
  })
  return { status: response.status, body: (await response.json()) as { code?: string } }
}
const read = (key: string, bucket = 'my-ext') => api.call('GET', `/api/v1/buckets/${bucket}/objects/${key}`)
const codeOf = ({ status, body }: { status: number; body: { code?: string } }) => [status, body.code]

describe('buckets', () => {
  test('are created, listed in pages and deleted', async () => {
    for (const name of ['b-2', 'a-1', 'c-3']) expect((await createBucket(name)).status).toBe(201)
    const first = await api.call('GET', '/api/v1/buckets?maxResults=2')
    expect(first.body.items).toEqual(
      ['a-1', 'b-2'].map((name) => ({ name, createdBy: 'admin', createdAt: '2026-01-01T00:00:00.000Z' })),
    )
    const second = await api.call('GET', `/api/v1/buckets?nextToken=${first.body.nextToken}`)
    expect(second.body).toMatchObject({ items: [{ name: 'c-3' }] })
    expect((await api.call('DELETE', '/api/v1/buckets/b-2')).status).toBe(204)
    expect(codeOf(await api.call('DELETE', '/api/v1/buckets/b-2'))).toEqual([404, 'BucketNotFound'])
  })

  test('a name is unique in an account, and the built-in one is reserved', async () => {
    await createBucket()
    expect(codeOf(await createBucket())).toEqual([409, 'BucketNameTaken'])
    expect(codeOf(await createBucket('chandler-artifacts'))).toEqual([409, 'BucketReserved'])
    expect(codeOf(await api.call('DELETE', '/api/v1/buckets/chandler-artifacts'))).toEqual([409, 'BucketReserved'])
    expect(codeOf(await api.call('GET', '/api/v1/buckets/chandler-artifacts/objects'))).toEqual([409, 'BucketReserved'])
    expect(codeOf(await put('demo', 'x', { bucket: 'chandler-artifacts' }))).toEqual([409, 'BucketReserved'])
  })

  test.each(['ab', '-ab', 'ab-', 'A-b', 'a_b', 'a'.repeat(64), 'a.b', ''])('the name %j is refused', async (name) => {
    expect(codeOf(await createBucket(name))).toEqual([400, 'RequestInvalid'])
  })

  test('only an empty one can be deleted', async () => {
    await createBucket()
    await put('demo.rpm', 'bytes')
    expect(codeOf(await api.call('DELETE', '/api/v1/buckets/my-ext'))).toEqual([409, 'BucketNotEmpty'])
    await api.call('DELETE', '/api/v1/buckets/my-ext/objects/demo.rpm')
    expect((await api.call('DELETE', '/api/v1/buckets/my-ext')).status).toBe(204)
  })

  test('changes are in the audit log', async () => {
    await createBucket()
    await put('a/b.rpm', 'bytes')
    await api.call('DELETE', '/api/v1/buckets/my-ext/objects/a/b.rpm')
    await api.call('DELETE', '/api/v1/buckets/my-ext')
    const { body } = await api.call('GET', '/api/v1/audit-log?maxResults=5')
    expect(body.items.map(({ action, resource }: { action: string; resource: string }) => [action, resource])).toEqual([
      ['DeleteBucket', 'bucket/my-ext'],
      ['DeleteObject', 'object/my-ext/a/b.rpm'],
      ['PutObject', 'object/my-ext/a/b.rpm'],
      ['UploadArtifact', `artifact/${sha256Of('bytes')}`],
      ['CreateBucket', 'bucket/my-ext'],
    ])
  })
})

describe('objects', () => {
  beforeEach(() => createBucket())

  test('are put, read, replaced and deleted by their key', async () => {
    const key = 'demo/1.0/demo %231.rpm'
    expect(await put(encodeURI('demo/1.0/demo #1.rpm').replace('#', '%23'), 'one')).toEqual({
      status: 200,
      body: {
        bucket: 'my-ext',
        key: 'demo/1.0/demo #1.rpm',
        sha256: sha256Of('one'),
        sizeBytes: 3,
        updatedAt: '2026-01-01T00:00:00.000Z',
      },
    })
    const first = await read(key.replaceAll(' ', '%20'))
    expect([first.status, first.body, first.headers.get('etag')]).toEqual([200, 'one', `"${sha256Of('one')}"`])
    await put(key.replaceAll(' ', '%20'), 'two')
    expect((await read(key.replaceAll(' ', '%20'))).body).toBe('two')
    expect((await api.call('DELETE', `/api/v1/buckets/my-ext/objects/${key.replaceAll(' ', '%20')}`)).status).toBe(204)
    expect(codeOf(await read(key.replaceAll(' ', '%20')))).toEqual([404, 'ObjectNotFound'])
  })

  test('an uploaded artifact gets a name, and a missing one does not', async () => {
    await put('first', 'bytes')
    const second = `/api/v1/buckets/my-ext/objects/second?artifact=`
    expect((await api.call('PUT', `${second}${sha256Of('bytes')}`)).body).toMatchObject({ key: 'second', sizeBytes: 5 })
    expect(codeOf(await api.call('PUT', `${second}${sha256Of('others')}`))).toEqual([404, 'ArtifactNotFound'])
    expect((await read('second')).body).toBe('bytes')
  })

  test('the built-in bucket contains every artifact under its sha256 and any file name', async () => {
    await put('first', 'bytes')
    expect((await read(`${sha256Of('bytes')}/demo.rpm`, 'chandler-artifacts')).body).toBe('bytes')
    expect(codeOf(await read(`${sha256Of('others')}/demo.rpm`, 'chandler-artifacts'))).toEqual([404, 'ObjectNotFound'])
    expect(codeOf(await read('demo.rpm', 'chandler-artifacts'))).toEqual([404, 'ObjectNotFound'])
  })

  test('are listed by prefix, in pages', async () => {
    for (const key of ['b', 'a/2', 'a/1', 'A', 'a', 'a%5Fx', 'ab']) await put(key, key)
    const keysOf = async (query: string) => {
      const { body } = await api.call('GET', `/api/v1/buckets/my-ext/objects?${query}`)
      return { keys: body.items.map(({ key }: { key: string }) => key), next: body.nextToken }
    }
    expect((await keysOf('')).keys).toEqual(['A', 'a', 'a/1', 'a/2', 'a_x', 'ab', 'b'])
    const first = await keysOf('prefix=a&maxResults=3')
    expect(first.keys).toEqual(['a', 'a/1', 'a/2'])
    expect(await keysOf(`prefix=a&maxResults=3&nextToken=${first.next}`)).toEqual({ keys: ['a_x', 'ab'] })
    expect((await keysOf('prefix=a/')).keys).toEqual(['a/1', 'a/2'])
  })

  test.each([
    ['an empty file', 'demo', '', {}, [400, 'ArtifactEmpty']],
    ['damaged bytes', 'demo', 'x', { 'x-content-sha256': sha256Of('y') }, [400, 'ArtifactDigestMismatch']],
    ['a key with ..', 'a/%2e%2e%2fb', 'x', {}, [400, 'RequestInvalid']],
    ['a key that is too long', 'a'.repeat(1_024), 'x', {}, [400, 'RequestInvalid']],
    ['a bucket that is not there', 'demo', 'x', { bucket: 'other' }, [404, 'BucketNotFound']],
  ])(
    '%s is refused and leaves nothing',
    async (_, key, bytes, { bucket, ...headers }: Record<string, string>, expected) => {
      expect(codeOf(await put(key, bytes, { bucket, headers }))).toEqual(expected)
      expect(await db.database.selectFrom('objects').selectAll().execute()).toEqual([])
    },
  )

  test('artifacts of objects and versions are not collected; the rest is', async () => {
    await put('kept', 'kept')
    await put('replaced', 'old')
    await put('replaced', 'new')
    const context = { database: db.database, objects: api.objects, clock: api.clock, log: silentLogger }
    await api.clock.advance(48 * 3_600_000)
    expect(await collectArtifacts(context)).toMatchObject({ removed: 1 })
    expect((await read('kept')).body).toBe('kept')
    expect((await read('replaced')).body).toBe('new')
    await api.call('DELETE', '/api/v1/buckets/my-ext/objects/kept')
    expect(await collectArtifacts(context)).toMatchObject({ removed: 1 })
  })

  test('belong to one account', async () => {
    await put('demo', 'bytes')
    await db.database
      .insertInto('accounts')
      .values({ id: 'bob', name: 'bob' })
      .onConflict((c) => c.doNothing())
      .execute()
    await db.database.insertInto('buckets').values({ account_id: 'bob', name: 'bobs' }).execute()
    expect(codeOf(await api.call('GET', '/api/v1/buckets/bobs/objects'))).toEqual([404, 'BucketNotFound'])
    expect((await api.call('GET', '/api/v1/buckets')).body.items).toHaveLength(1)
  })
})
