/** The life of an access key: it is used, expires, is deleted; its event streams end with it. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { createManualClock } from '../../../src/lib/manual-clock.ts'
import { startTestDatabase, type TestDatabase } from '../database/postgres.ts'
import { admin, basic, startTestApi, type TestApi } from './test-api.ts'

let db: TestDatabase
let api: TestApi

beforeAll(async () => {
  db = await startTestDatabase()
})
afterAll(() => db.stop())
beforeEach(async () => {
  api = await startTestApi(db.database, createManualClock(Date.now()))
})
afterEach(() => api.close())

const make = async (body: object = {}) => {
  const answer = await api.call('POST', '/api/v1/access-keys', body)
  expect(answer.status).toBe(201)
  return { ...answer.body, authorization: basic(answer.body) } as {
    id: string
    authorization: string
    expiresAt?: string
  }
}
const ask = async (authorization: string) => {
  const { status, body } = await api.call('GET', '/api/v1/whoami', undefined, authorization)
  return status === 200 ? 200 : body.code
}
const show = async (id: string) => {
  const { body } = await api.call('GET', '/api/v1/access-keys?maxResults=100')
  return body.items.find((key: { id: string }) => key.id === id)
}

test('a key expires, with a specific error, and is shown as expired', async () => {
  const key = await make({ ttlMs: 3_600_000 })
  expect(Date.parse(key.expiresAt ?? '') - api.clock.now()).toBe(3_600_000)
  expect(await ask(key.authorization)).toBe(200)
  await api.clock.advance(3_600_000)
  expect(await ask(key.authorization)).toBe('AccessKeyExpired')
  expect(await show(key.id)).toMatchObject({ status: 'expired' })
})

test('a deleted key is refused at once and no longer listed', async () => {
  const key = await make()
  expect(await ask(key.authorization)).toBe(200)
  expect((await api.call('DELETE', `/api/v1/access-keys/${key.id}`)).status).toBe(204)
  expect(await ask(key.authorization)).toBe('AccessKeyInvalid')
  expect(await show(key.id)).toBeUndefined()
  expect((await api.call('DELETE', `/api/v1/access-keys/${key.id}`)).body.code).toBe('AccessKeyNotFound')
})

test('the last usable key of the administrator stays; an expired one does not count', async () => {
  const { body } = await api.call('GET', '/api/v1/access-keys?user=admin&maxResults=100')
  for (const { id } of body.items) if (id !== admin.id) await api.call('DELETE', `/api/v1/access-keys/${id}`)
  await make({ ttlMs: 60_000 })
  await api.clock.advance(60_000)
  expect((await api.call('DELETE', `/api/v1/access-keys/${admin.id}`)).body.code).toBe('AccessKeyLast')
  expect((await api.call('POST', `/api/v1/access-keys/${admin.id}/disable`)).body.code).toBe('AccessKeyLast')
})

test('the last use is written once for many requests', async () => {
  const key = await make()
  expect((await show(key.id)).lastUsedAt).toBeUndefined()
  const writes = async () => (await db.pool.query('select xmin from access_keys where id = $1', [key.id])).rows[0].xmin
  const before = await writes()
  for (let request = 0; request < 20; request++) await ask(key.authorization)
  const at = api.clock.now()
  expect(await writes()).toBe(before)
  await api.clock.advance(10_000)
  await expect.poll(async () => (await show(key.id)).lastUsedAt).toBe(new Date(at).toISOString())
  expect(await show(key.id)).toMatchObject({ lastUsedFrom: '127.0.0.1' })
})

test('the last use is written when the server stops', async () => {
  const key = await make()
  await ask(key.authorization)
  await api.close()
  api = await startTestApi(db.database, createManualClock(Date.now()))
  expect((await show(key.id)).lastUsedAt).toBeDefined()
})

test('deleting a key closes its event streams here at once, and on other servers soon', async () => {
  const other = await startTestApi(db.database, createManualClock(Date.now()))
  const key = await make()
  const kept = await make()
  const streams = await Promise.all(
    [api, other].map(({ url }) => fetch(`${url}/api/v1/events`, { headers: { authorization: key.authorization } })),
  )
  const staying = new AbortController()
  const stays = await fetch(`${api.url}/api/v1/events`, {
    headers: { authorization: kept.authorization },
    signal: staying.signal,
  })
  const texts = streams.map((stream) => stream.text())
  await api.call('DELETE', `/api/v1/access-keys/${key.id}`)
  expect(await texts[0]).toContain('event: changed')
  // The first check may have cached the key; the next one has not.
  await other.clock.advance(5_000)
  await expect.poll(() => other.clock.dueAt()).toContain(other.clock.now() + 5_000)
  await other.clock.advance(5_000)
  expect(await texts[1]).toContain('event: changed')
  expect((await stays.body?.getReader().read())?.done).toBe(false)
  staying.abort()
  await other.close()
})
