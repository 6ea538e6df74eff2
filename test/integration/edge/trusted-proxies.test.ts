/** Behind a proxy: a trusted proxy's headers determine the client's address and protocol. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { createManualClock } from '../../../src/lib/manual-clock.ts'
import { startTestDatabase, type TestDatabase } from '../database/postgres.ts'
import { admin, basic, startTestApi, type TestApi } from '../registry/test-api.ts'

const password = 'a good password 你好'
let db: TestDatabase
let api: TestApi | undefined
beforeAll(async () => {
  db = await startTestDatabase()
})
afterAll(() => db.stop())
afterEach(() => api?.close())

const start = async (trustedProxies: readonly string[]) => {
  api = await startTestApi(db.database, createManualClock(Date.now()), { trustedProxies })
  return api
}

const ask = async (
  path: string,
  {
    from,
    proto = 'https',
    method = 'GET',
    authorization,
    body,
  }: {
    from: string
    proto?: string
    method?: string
    authorization?: string
    body?: unknown
  },
) => {
  const response = await fetch(api?.url + path, {
    method,
    headers: {
      'x-forwarded-for': from,
      'x-forwarded-proto': proto,
      'sec-fetch-site': 'same-origin',
      'x-chandler-console': '1',
      ...(authorization === undefined ? {} : { authorization }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, cookie: response.headers.get('set-cookie'), text }
}

async function makeUser(condition: object) {
  const name = `u${Math.random().toString(36).slice(2, 10)}`
  const call = async (method: string, path: string, body?: unknown) => {
    const answer = await api?.call(method, path, body)
    expect(answer?.status, path).toBeLessThan(300)
    return answer?.body
  }
  const document = {
    Version: '1',
    Statement: [{ Effect: 'Allow', Action: 'ecs:DescribeInstances', Resource: '*', Condition: condition }],
  }
  await call('POST', '/api/v1/users', { name })
  await call('POST', '/api/v1/policies', { name, document })
  await call('PUT', `/api/v1/users/${name}/policies/${name}`)
  return { name, key: await call('POST', '/api/v1/access-keys', { userName: name, kind: 'oos' }) }
}

test('policies see the address and the scheme from a trusted proxy, and from no other', async () => {
  await start(['127.0.0.0/8'])
  const near = await makeUser({ IpAddress: { 'acs:SourceIp': '203.0.113.0/24' } })
  const secure = await makeUser({ Bool: { 'acs:SecureTransport': 'true' } })
  const status = async (who: typeof near, from: string, proto?: string) =>
    (await ask('/api/v1/instances', { from, ...(proto === undefined ? {} : { proto }), authorization: basic(who.key) }))
      .status
  expect(await status(near, '203.0.113.9')).toBe(200)
  expect(await status(near, '198.51.100.1')).toBe(403)
  expect(await status(near, '203.0.113.9, 198.51.100.1')).toBe(403)
  expect(await status(secure, '203.0.113.9')).toBe(200)
  expect(await status(secure, '203.0.113.9', 'http')).toBe(403)
})

test('headers from any other client are ignored', async () => {
  await start(['10.0.0.0/8'])
  const near = await makeUser({ IpAddress: { 'acs:SourceIp': '203.0.113.0/24' } })
  const secure = await makeUser({ Bool: { 'acs:SecureTransport': 'true' } })
  for (const { key } of [near, secure])
    expect((await ask('/api/v1/instances', { from: '203.0.113.9', authorization: basic(key) })).status).toBe(403)
})

test("the audit log and the log have the client's address, not the proxy's", async () => {
  const { call, log } = await start(['127.0.0.1'])
  const { status } = await ask('/api/v1/users', {
    from: '203.0.113.77',
    method: 'POST',
    body: { name: `v${Date.now()}` },
    authorization: basic(admin),
  })
  expect(status).toBe(201)
  const { body } = await call('GET', '/api/v1/audit-log?source=203.0.113.77')
  expect(body.items).toMatchObject([{ action: 'CreateUser', source: '203.0.113.77' }])
  await expect.poll(() => log.some((line) => line.includes('"source":"203.0.113.77"'))).toBe(true)
})

test('a cookie is HTTPS-only only if the proxy reports that the browser used HTTPS', async () => {
  const { call } = await start(['127.0.0.1'])
  const name = `w${Date.now()}`
  await call('POST', '/api/v1/users', { name })
  await call('PUT', `/api/v1/users/${name}/password`, { password })
  const cookie = async (proto: string) =>
    (await ask('/api/v1/session', { from: '203.0.113.9', proto, method: 'POST', body: { userName: name, password } }))
      .cookie
  expect(await cookie('https')).toMatch(/^__Host-chandler-session=.*; Secure/)
  expect(await cookie('http')).toMatch(/^chandler-session=(?!.*Secure)/)
})

test('one failing client is slowed down; another one behind the same proxy is not', async () => {
  await start(['127.0.0.1'])
  const wrong = basic({ id: 'x', secret: 'y' })
  const status = async (from: string, authorization = wrong) =>
    (await ask('/api/v1/instances', { from, authorization })).status
  for (let count = 0; count < 20; count++)
    expect(await status('203.0.113.9', basic({ id: `x${count}`, secret: 'y' }))).toBe(401)
  expect(await status('203.0.113.9')).toBe(429)
  expect(await status('198.51.100.1')).toBe(401)
  expect(await status('203.0.113.9', basic(admin))).toBe(200)
})
