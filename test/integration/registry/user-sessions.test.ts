/**
 * Sessions: users list and end their own, administrators those of others. Accepted and refused
 * passwords.
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createManualClock } from '../../../src/lib/manual-clock.ts'
import { bootstrap } from '../../../src/server/app/access/bootstrap.ts'
import { createSecretBox } from '../../../src/server/boot/keys.ts'
import { startTestDatabase, type TestDatabase } from '../database/postgres.ts'
import { succeed } from './access-users.ts'
import { startTestApi, type TestApi } from './test-api.ts'

const password = 'four unrelated garden words'
const ours = { 'x-chandler-console': '1', 'sec-fetch-site': 'same-origin', 'user-agent': 'a browser of ann' }
let db: TestDatabase
let api: TestApi

beforeAll(async () => {
  db = await startTestDatabase()
})
afterAll(() => db.stop())
beforeEach(async () => {
  api = await startTestApi(db.database, createManualClock(Date.now()))
  for (const name of ['ann', 'bob']) {
    await succeed(api, 'POST', '/api/v1/users', { name })
    await succeed(api, 'PUT', `/api/v1/users/${name}/password`, { password })
  }
})
afterEach(async () => {
  for (const name of ['ann', 'bob']) await api.call('DELETE', `/api/v1/users/${name}?force=true`)
  await api.close()
})

async function ask(method: string, path: string, cookie?: string, body?: unknown) {
  const response = await fetch(api.url + path, {
    method,
    headers: {
      ...ours,
      ...(cookie === undefined ? {} : { cookie }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return {
    status: response.status,
    cookie: response.headers.getSetCookie()[0]?.split(';')[0],
    body: text && JSON.parse(text),
  }
}

async function signIn(userName: string): Promise<string> {
  const { status, cookie } = await ask('POST', '/api/v1/session', undefined, { userName, password })
  expect(status).toBe(201)
  return cookie as string
}
const isIn = async (cookie: string) => (await ask('GET', '/api/v1/session', cookie)).status === 200
const list = async (cookie: string, user: string) => (await ask('GET', `/api/v1/sessions?user=${user}`, cookie)).body

test('users see their own sessions, with the current one marked, and no part of a token', async () => {
  const [here, elsewhere] = [await signIn('ann'), await signIn('ann')]
  const { items } = await list(here, 'ann')
  expect(items).toHaveLength(2)
  expect(items.filter(({ current }: { current: boolean }) => current)).toMatchObject([
    { userName: 'ann', source: '127.0.0.1', userAgent: 'a browser of ann' },
  ])
  for (const cookie of [here, elsewhere]) expect(JSON.stringify(items)).not.toContain(cookie.split('=')[1])
})

test('a user ends one of their sessions, or all others', async () => {
  const [here, second, third] = [await signIn('ann'), await signIn('ann'), await signIn('ann')]
  const [one] = (await list(second, 'ann')).items.filter(({ current }: { current: boolean }) => current)
  expect((await ask('DELETE', `/api/v1/sessions/${one.id}`, here)).status).toBe(204)
  expect([await isIn(here), await isIn(second), await isIn(third)]).toEqual([true, false, true])
  expect((await ask('DELETE', '/api/v1/sessions?user=ann', here)).body).toEqual({ count: 1 })
  expect([await isIn(here), await isIn(third)]).toEqual([true, false])
})

test('sessions of others need a permission, and existing ids are not revealed without it', async () => {
  const [ann, bob] = [await signIn('ann'), await signIn('bob')]
  expect((await list(ann, 'bob')).code).toBe('AccessDenied')
  expect((await ask('GET', '/api/v1/sessions', ann)).body.code).toBe('AccessDenied')
  const [{ id }] = (await list(bob, 'bob')).items
  for (const path of [`/${id}`, '/ses-00000000000000000000', '?user=bob'])
    expect((await ask('DELETE', `/api/v1/sessions${path}`, ann)).body.code).toBe('AccessDenied')
  expect(await isIn(bob)).toBe(true)
  expect((await api.call('GET', '/api/v1/sessions')).body.items).toHaveLength(2)
  expect((await api.call('DELETE', '/api/v1/sessions/ses-0')).body.code).toBe('SessionNotFound')
  expect((await api.call('DELETE', `/api/v1/sessions/${id}`)).status).toBe(204)
  expect(await isIn(bob)).toBe(false)
})

describe('the event streams of a session end', () => {
  const follow = (cookie: string) => fetch(`${api.url}/api/v1/events`, { headers: { cookie } })

  test.each([
    ['when it is ended by somebody', (id: string) => api.call('DELETE', `/api/v1/sessions/${id}`)],
    ['when its user signs out', (_id: string, cookie: string) => ask('DELETE', '/api/v1/session', cookie)],
    [
      'when the password is changed',
      () => api.call('PUT', '/api/v1/users/ann/password', { password: 'three other words of it' }),
    ],
    ['when the user is deleted', () => api.call('DELETE', '/api/v1/users/ann?force=true')],
  ])('%s', async (_title, end) => {
    const [cookie, other] = [await signIn('ann'), await signIn('bob')]
    const [{ id }] = (await list(cookie, 'ann')).items
    const [stream, others] = [await follow(cookie), await follow(other)]
    const text = stream.text()
    await end(id, cookie)
    expect(await text).toContain('event: changed')
    const reader = others.body?.getReader()
    expect((await reader?.read())?.done).toBe(false)
    await reader?.cancel()
  })

  test('when it expires, although the stream is in use all the time', async () => {
    const cookie = await signIn('ann')
    let isOver = false
    const text = (await follow(cookie)).text().finally(() => (isOver = true))
    await api.clock.advance(12 * 3_600_000)
    // It checks every 5 s; the state comes from the database, in real time.
    await expect
      .poll(async () => {
        await api.clock.advance(5_000)
        return isOver
      })
      .toBe(true)
    expect(await text).toContain('event: changed')
  })
})

describe('a password', () => {
  test.each([
    'short1',
    'elevenchars',
    'password1234',
    'Password123!',
    'P@ssw0rd1234',
    '123456789012',
    'qwertyuiop12',
    'aaaaaaaaaaaa',
    'abcdefghijkl',
    'abcabcabcabc',
    'iloveyou1234',
    'letmein12345',
    'administrator',
    'ann-ann-ann-ann',
    'chandler2026',
    'chandlerchandler',
  ])('is refused when it is easy to guess: %s', async (weak) => {
    const { status, body } = await api.call('PUT', '/api/v1/users/ann/password', { password: weak })
    expect([status, body.code]).toEqual([400, weak.length < 12 ? 'RequestInvalid' : 'PasswordWeak'])
  })

  test.each([
    'correct horse battery staple',
    'hx8kk-3pp2r-rj4m9-t5wqz',
    '八百标兵奔北坡炮兵并排跑',
    'k'.padEnd(256, 'abQ7-zx!'),
  ])('is accepted otherwise: %s', async (good) => {
    expect((await api.call('PUT', '/api/v1/users/ann/password', { password: good })).status).toBe(204)
  })

  test('of the first start follows the same rules, and a weak one creates nothing', async () => {
    const fresh = await startTestDatabase()
    const context = {
      database: fresh.database,
      secrets: createSecretBox(Buffer.alloc(32)),
      clock: api.clock,
      random: (size: number) => Buffer.alloc(size, 1),
    }
    await expect(bootstrap(context, { password: 'password1234' })).rejects.toMatchObject({ code: 'PasswordWeak' })
    expect((await fresh.pool.query('select from users')).rowCount).toBe(0)
    expect((await bootstrap(context, { password })).created).toBeDefined()
    await fresh.stop()
  })
})
