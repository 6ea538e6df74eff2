/** Sign-in with name and password, as browsers do: cookies, and the origin of a request. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { maxSessionMs, sessionIdleMs } from '../../../src/core/limits.ts'
import { createManualClock } from '../../../src/lib/manual-clock.ts'
import { startTestDatabase, type TestDatabase } from '../database/postgres.ts'
import { startTestApi, type TestApi } from './test-api.ts'

const password = 'a good password 你好'
let db: TestDatabase
let api: TestApi

beforeAll(async () => {
  db = await startTestDatabase()
})
afterAll(() => db.stop())
beforeEach(async () => {
  api = await startTestApi(db.database, createManualClock(Date.now()))
  await api.call('POST', '/api/v1/users', { name: 'ann' })
  await api.call('PUT', '/api/v1/users/ann/password', { password })
})
afterEach(async () => {
  await api.call('DELETE', '/api/v1/users/ann?force=true')
  await api.close()
})

const ours = { 'x-chandler-console': '1', 'sec-fetch-site': 'same-origin' }

interface Asked {
  readonly cookie?: string | undefined
  readonly headers?: Record<string, string>
  readonly body?: unknown
}

async function ask(method: string, path: string, { cookie, headers = ours, body }: Asked = {}) {
  const response = await fetch(api.url + path, {
    method,
    headers: {
      ...headers,
      ...(cookie === undefined ? {} : { cookie }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  const [set] = response.headers.getSetCookie()
  return { status: response.status, set, cookie: set?.split(';')[0], body: text === '' ? undefined : JSON.parse(text) }
}

const signIn = (given: Partial<Asked & { userName: string; password: string }> = {}) =>
  ask('POST', '/api/v1/session', {
    ...given,
    body: { userName: given.userName ?? 'ann', password: given.password ?? password },
  })
const who = (cookie: string | undefined) => ask('GET', '/api/v1/session', { cookie })

test('the cookie identifies a user until the sign-out', async () => {
  const signedIn = await signIn()
  expect(signedIn).toMatchObject({ status: 201, body: { userName: 'ann', administrator: false, policies: [] } })
  expect(signedIn.set).toMatch(/^chandler-session=[\w-]{43}; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Strict$/)
  expect(await who(signedIn.cookie)).toMatchObject({ status: 200, body: { userName: 'ann', version: '1.2.3' } })
  const { status, set } = await ask('DELETE', '/api/v1/session', signedIn)
  expect([status, set]).toEqual([
    204,
    expect.stringContaining('chandler-session=; Max-Age=0; Path=/; Expires=Thu, 01 Jan 1970'),
  ])
  expect(await who(signedIn.cookie)).toMatchObject({ status: 401, body: { code: 'SessionEnded' } })
})

test('wrong password and unknown user have the same answer; there is no browser dialogue', async () => {
  await api.call('POST', '/api/v1/users', { name: 'without-password' })
  for (const given of [{ password: 'wrong' }, { userName: 'nobody' }, { userName: 'without-password', password: '' }]) {
    const { status, body, set } = await signIn(given)
    expect([status, body.code, set]).toEqual([401, 'SignInFailed', undefined])
  }
  await api.call('DELETE', '/api/v1/users/without-password')
})

test('guessing is slowed down; a user with the right password waits a second, and is signed in', async () => {
  for (let tried = 0; tried < 20; tried++) expect((await signIn({ password: `guess ${tried}` })).status).toBe(401)
  const waited = async <Result>(answer: Promise<Result>): Promise<Result> => {
    await expect.poll(() => api.clock.dueAt()).toContain(api.clock.now() + 1_000)
    await api.clock.advance(1_000)
    return answer
  }
  expect(await waited(signIn({ password: 'guess 21' }))).toMatchObject({
    status: 429,
    body: { code: 'AuthenticationThrottled' },
  })
  expect((await waited(signIn())).status).toBe(201)
  await api.clock.advance(15 * 60_000)
  expect((await signIn()).status).toBe(201)
})

test('an idle session expires, and any session after some days', async () => {
  const { cookie } = await signIn()
  for (let passed = 0; passed + sessionIdleMs <= maxSessionMs; passed += sessionIdleMs - 60_000) {
    expect((await who(cookie)).status, `after ${passed} ms`).toBe(200)
    await api.clock.advance(sessionIdleMs - 60_000)
  }
  await api.clock.advance(sessionIdleMs)
  expect((await who(cookie)).body.code).toBe('SessionEnded')
  const unused = await signIn()
  await api.clock.advance(sessionIdleMs)
  expect((await who(unused.cookie)).body.code).toBe('SessionEnded')
})

test('signing in again replaces the previous session', async () => {
  const first = await signIn()
  const second = await signIn({ cookie: first.cookie })
  expect([(await who(first.cookie)).status, (await who(second.cookie)).status]).toEqual([401, 200])
})

describe('a password', () => {
  const change = (cookie: string | undefined, body: object, user = 'ann') =>
    ask('PUT', `/api/v1/users/${user}/password`, { cookie, body })

  test('of one’s own is changed with the old one; other sessions end', async () => {
    const [here, elsewhere] = [await signIn(), await signIn()]
    expect((await change(here.cookie, { password: 'another unlike that' })).body.code).toBe('PasswordWrong')
    expect((await change(here.cookie, { password: 'another unlike that', oldPassword: 'wrong' })).body.code).toBe(
      'PasswordWrong',
    )
    expect((await change(here.cookie, { password: 'short', oldPassword: password })).status).toBe(400)
    expect((await change(here.cookie, { password: 'another unlike that', oldPassword: password })).status).toBe(204)
    expect([(await who(here.cookie)).status, (await who(elsewhere.cookie)).status]).toEqual([200, 401])
    expect([(await signIn()).status, (await signIn({ password: 'another unlike that' })).status]).toEqual([401, 201])
  })

  test('of another user needs a permission', async () => {
    const { cookie } = await signIn()
    expect((await change(cookie, { password: 'taken over by ann' }, 'admin')).body.code).toBe('AccessDenied')
    expect(
      (await api.call('PUT', '/api/v1/users/nobody/password', { password: 'a password for nobody' })).body.code,
    ).toBe('UserNotFound')
    expect((await api.call('PUT', '/api/v1/users/ann/password', { password: 'from outside of it' })).status).toBe(204)
    expect((await who(cookie)).status).toBe(401)
  })

  test('is never in clear text', async () => {
    const { cookie } = await signIn()
    const token = String(cookie).split('=')[1] as string
    const { rows } = await db.pool.query(
      `select (select string_agg(u::text, '') from users u) as users, (select string_agg(s::text, '') from sessions s) as sessions,
         (select string_agg(a::text, '') from audit_log a) as audit`,
    )
    const kept = JSON.stringify(rows) + api.log.join('\n')
    expect(kept).toContain('$scrypt$ln=')
    for (const secret of [password, token]) expect(kept).not.toContain(secret)
  })
})

test("a user's policies decide, and changes take effect at once", async () => {
  const { cookie } = await signIn()
  expect((await ask('GET', '/api/v1/instances', { cookie })).body.code).toBe('AccessDenied')
  await api.call('PUT', '/api/v1/users/ann/policies/AliyunOOSReadOnlyAccess')
  expect((await ask('GET', '/api/v1/instances', { cookie })).status).toBe(200)
  expect((await ask('POST', '/api/v1/buckets', { cookie, body: { name: 'mine-1' } })).body.code).toBe('AccessDenied')
  await api.call('DELETE', '/api/v1/users/ann?force=true')
  expect((await who(cookie)).status).toBe(401)
})

describe('a request that changes something', () => {
  test.each([
    ['without the header of the console', { 'sec-fetch-site': 'same-origin' }, 403],
    ['from a page of another site', { ...ours, 'sec-fetch-site': 'cross-site' }, 403],
    ['from a page of a neighbour', { ...ours, 'sec-fetch-site': 'same-site' }, 403],
    [
      'from another origin, in a browser that says no more',
      { 'x-chandler-console': '1', origin: 'https://evil.example' },
      403,
    ],
    ['from an origin that is none', { 'x-chandler-console': '1', origin: 'null' }, 403],
    ['from a page of ours', ours, 204],
  ])('%s: %j is answered with %i', async (_title, headers, status) => {
    const { cookie } = await signIn()
    const answer = await ask('DELETE', '/api/v1/session', { cookie, headers: headers as Record<string, string> })
    expect(answer.status).toBe(status)
    if (status === 403) expect(answer.body.code).toBe('ForeignPageRefused')
    expect((await who(cookie)).status).toBe(status === 403 ? 200 : 401)
  })

  test('signing in is one, too', async () => {
    expect((await signIn({ headers: { ...ours, 'sec-fetch-site': 'cross-site' } })).body.code).toBe(
      'ForeignPageRefused',
    )
  })
})

test('an access key has no session, and overrides a cookie', async () => {
  expect((await api.call('GET', '/api/v1/session')).body.code).toBe('Unauthenticated')
  const { cookie } = await signIn()
  const { authorization } = {
    authorization: `Basic ${Buffer.from('admin-key:a-secret-of-the-admin').toString('base64')}`,
  }
  const answer = await ask('GET', '/api/v1/whoami', { cookie, headers: { authorization } })
  expect(answer.body.userName).toBe('admin')
})
