/**
 * Difficult sign-ins: many at once, a password that changes in between, HTTPS that ends before the
 * server, browsers that send few headers.
 */
import { type IncomingMessage, request as sendRequest } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { firstSignInDelayMs, sessionIdleMs } from '../../../src/core/limits.ts'
import { tidySessions } from '../../../src/server/app/access/sessions.ts'
import { startTestDatabase, type TestDatabase } from '../database/postgres.ts'
import { admin, basic, startTestApi, type TestApi } from './test-api.ts'

const password = 'the password of ann'
const asAdmin = { authorization: basic(admin) }
let db: TestDatabase
let api: TestApi

beforeAll(async () => {
  db = await startTestDatabase()
})
afterAll(() => db.stop())
beforeEach(async () => {
  api = await startTestApi(db.database, undefined, { publicUrl: 'https://chandler.example' })
  await api.call('POST', '/api/v1/users', { name: 'ann' })
  await api.call('PUT', '/api/v1/users/ann/password', { password })
})
afterEach(async () => {
  await api.call('DELETE', '/api/v1/users/ann?force=true')
  await api.close()
})

type Headers = Readonly<Record<string, string>>
const marked = { 'x-chandler-console': '1' }
const ours = { ...marked, 'sec-fetch-site': 'same-origin' }

/** With any header, including `host`, which fetch reserves. */
async function ask(method: string, path: string, headers: Headers, body?: unknown) {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const type = body === undefined ? {} : { 'content-type': 'application/json' }
    sendRequest(api.url + path, { method, headers: { ...headers, ...type } }, resolve)
      .on('error', reject)
      .end(body === undefined ? undefined : JSON.stringify(body))
  })
  const said = await text(response)
  const set = response.headers['set-cookie']?.[0] ?? ''
  const { code } = said === '' ? {} : JSON.parse(said)
  return { status: response.statusCode, code, set, cookie: set.split(';', 1)[0] as string }
}

const signIn = (given = password, headers: Headers = ours) =>
  ask('POST', '/api/v1/session', headers, { userName: 'ann', password: given })
const who = (cookie: string, headers: Headers = {}) => ask('GET', '/api/v1/session', { ...headers, cookie })
const setPassword = (headers: Headers, body: object) => ask('PUT', '/api/v1/users/ann/password', headers, body)

describe('guessing', () => {
  test('many at once: no more are compared than one after the other', async () => {
    let answered = false
    const guesses = Promise.all(Array.from({ length: 40 }, (_, guess) => signIn(`guess ${guess}`))).finally(() => {
      answered = true
    })
    const letDelayedGoOn = async () => {
      const isDelayed = api.clock.dueAt().includes(api.clock.now() + firstSignInDelayMs)
      if (isDelayed) await api.clock.advance(firstSignInDelayMs)
      return answered
    }
    await expect.poll(letDelayedGoOn, { timeout: 110_000 }).toBe(true)
    const answers = await guesses
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(20)
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(20)
  })

  test('does not include repeated successful sign-ins', async () => {
    for (let time = 0; time < 25; time++) expect((await signIn()).status).toBe(201)
  })
})

test('a password that changes during the comparison of the old one signs no one in', async () => {
  const change = await db.pool.connect()
  try {
    await change.query('begin')
    await change.query(`update users set password_hash = 'another' where name = 'ann'`)
    let answered = false
    const signingIn = signIn().finally(() => (answered = true))
    const isWaiting = async () => {
      const { rows } = await db.pool.query(
        "select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()",
      )
      return rows.length > 0
    }
    while (!answered && !(await isWaiting()));
    await change.query('commit')
    expect(await signingIn).toMatchObject({ status: 401, code: 'SignInFailed', set: '' })
    expect((await db.pool.query(`select 1 from sessions where user_name = 'ann'`)).rows).toEqual([])
  } finally {
    change.release()
  }
})

test('with an access key, changing one’s own password needs the old one, or the permission', async () => {
  const { body: key } = await api.call('POST', '/api/v1/access-keys', { userName: 'ann' })
  const asAnn = { authorization: basic(key) }
  const next = 'another unlike that'
  expect(await setPassword(asAnn, { password: next })).toMatchObject({ status: 403, code: 'AccessDenied' })
  const wrong = await setPassword(asAnn, { password: next, oldPassword: 'wrong' })
  expect(wrong).toMatchObject({ status: 403, code: 'PasswordWrong' })
  const { cookie } = await signIn()
  expect((await setPassword(asAnn, { password: next, oldPassword: password })).status).toBe(204)
  expect((await who(cookie)).code).toBe('SessionEnded')
  expect([(await signIn()).status, (await signIn(next)).status]).toEqual([401, 201])
  expect((await setPassword(asAdmin, { password })).status).toBe(204)
  expect((await signIn()).status).toBe(201)
})

test('ended sessions are removed, and only those', async () => {
  await signIn()
  await api.clock.advance(sessionIdleMs)
  const { cookie } = await signIn()
  await tidySessions({ database: db.database, clock: api.clock })
  expect((await db.pool.query(`select 1 from sessions where user_name = 'ann'`)).rows).toHaveLength(1)
  expect((await who(cookie)).status).toBe(200)
})

describe('HTTPS that a proxy terminates at the public URL', () => {
  const there = { ...ours, host: 'chandler.example' }

  test('sets a cookie that is HTTPS-only', async () => {
    const { set, cookie } = await signIn(password, there)
    expect(set).toMatch(
      /^__Host-chandler-session=[\w-]{43}; Path=\/; Expires=[^;]+; HttpOnly; Secure; SameSite=Strict$/,
    )
    expect((await who(cookie, there)).status).toBe(200)
    // A cookie that anyone could have set over plain HTTP is ignored.
    expect((await who(cookie.replace('__Host-', ''), there)).code).toBe('Unauthenticated')
    const out = await ask('DELETE', '/api/v1/session', { ...there, cookie })
    expect(out.set).toMatch(/^__Host-chandler-session=; Max-Age=0; .*Secure/)
  })

  test('does not apply to direct clients', async () => {
    const { set } = await signIn(password, { ...ours, 'x-forwarded-proto': 'https' })
    expect(set).toMatch(/^chandler-session=/)
    expect(set).not.toContain('Secure')
  })
})

test.each<[string, Headers, number]>([
  ['the browser itself', { ...marked, 'sec-fetch-site': 'none' }, 204],
  ['our origin, in a browser that says no more', { ...marked, origin: 'http://chandler.example' }, 204],
  ['our origin, where HTTPS ends before us', { ...marked, origin: 'https://chandler.example' }, 204],
  [
    'another site that says our origin',
    { ...marked, origin: 'http://chandler.example', 'sec-fetch-site': 'cross-site' },
    403,
  ],
  ['another port', { ...marked, origin: 'http://chandler.example:1' }, 403],
  ['nobody knows where', marked, 403],
])('a change from %s', async (_, headers, status) => {
  const there = { ...headers, host: 'chandler.example' }
  const { cookie } = await signIn(password, { ...ours, host: 'chandler.example' })
  const answer = await ask('DELETE', '/api/v1/session', { ...there, cookie })
  expect([answer.status, answer.code]).toEqual([status, status === 403 ? 'ForeignPageRefused' : undefined])
})
