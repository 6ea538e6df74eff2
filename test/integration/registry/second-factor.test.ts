/** Codes of an authenticator app as the second factor of a password, and sessions of programs. */
import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import { URI } from 'otpauth'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createManualClock, type ManualClock } from '../../../src/lib/manual-clock.ts'
import { resetAdministrator } from '../../../src/server/app/access/bootstrap.ts'
import { createSecretBox } from '../../../src/server/boot/keys.ts'
import { startTestDatabase, type TestDatabase } from '../database/postgres.ts'
import { makeUser, succeed } from './access-users.ts'
import { startTestApi, type TestApi } from './test-api.ts'

let db: TestDatabase
let api: TestApi
let clock: ManualClock
const password = 'a good password 你好'

beforeAll(async () => {
  db = await startTestDatabase()
  clock = createManualClock(Date.parse('2026-01-01T00:00:00Z'))
  api = await startTestApi(db.database, clock)
})
afterAll(async () => {
  await api.close()
  await db.stop()
})

async function makePasswordUser(name: string) {
  const basic = await makeUser(api, name)
  await succeed(api, 'PUT', `/api/v1/users/${name}/password`, { password })
  return basic
}

const query = async (text: string) => (await sql.raw(text).execute(db.database)).rows

const signIn = (userName: string, code?: string, given = password) =>
  api.call('POST', '/api/v1/session-tokens', { userName, password: given, ...(code !== undefined && { code }) }, null)
const bearer = (token: string) => `Bearer session:${token}`
const tokenOf = async (userName: string, code?: string) => bearer((await signIn(userName, code)).body.token as string)

/** The user's app, from the URI of the QR code. */
function readApp(uri: string) {
  const app = URI.parse(uri)
  if (!('period' in app)) throw new Error('the URI is not of a time-based code')
  return { code: () => app.generate({ timestamp: clock.now() }) }
}

/** A user with a second factor, and the next code not used yet. */
async function makeGuarded(name: string) {
  const basic = await makePasswordUser(name)
  const session = await tokenOf(name)
  const { uri } = (await api.call('POST', '/api/v1/second-factor', { password }, session)).body
  const app = readApp(uri as string)
  const enabled = await api.call('POST', '/api/v1/second-factor/enable', { code: app.code() }, session)
  await clock.advance(30_000)
  return { basic, app, recoveryCodes: enabled.body.recoveryCodes as string[] }
}

test('a session of a program has the permissions of its user until it ends', async () => {
  await makePasswordUser('prog')
  await succeed(api, 'PUT', '/api/v1/users/prog/policies/AliyunOOSReadOnlyAccess')
  const session = await tokenOf('prog')
  expect((await api.call('GET', '/api/v1/extensions', undefined, session)).status).toBe(200)
  expect((await api.call('POST', '/api/v1/users', { name: 'eve' }, session)).status).toBe(403)
  expect((await api.call('GET', '/api/v1/session', undefined, session)).body.userName).toBe('prog')
  expect((await api.call('DELETE', '/api/v1/session', undefined, session)).status).toBe(204)
  expect((await api.call('GET', '/api/v1/extensions', undefined, session)).body.code).toBe('SessionEnded')
  expect((await api.call('GET', '/api/v1/extensions', undefined, bearer('guess'))).body.code).toBe('SessionEnded')
})

describe('setting up', () => {
  test('takes the password, and effect with the first code', async () => {
    await makePasswordUser('anna')
    const session = await tokenOf('anna')
    const begin = (given: string) => api.call('POST', '/api/v1/second-factor', { password: given }, session)
    expect((await begin('not it')).body.code).toBe('PasswordWrong')
    const first = (await begin(password)).body
    const { secret, uri } = (await begin(password)).body
    expect(secret).not.toBe(first.secret)
    expect(uri).toContain(`secret=${secret}`)
    expect((await signIn('anna')).status).toBe(201)
    const enable = (code: string) => api.call('POST', '/api/v1/second-factor/enable', { code }, session)
    expect((await enable('000000')).body.code).toBe('SecondFactorWrong')
    // Of the secret that was replaced.
    expect((await enable(readApp(first.uri as string).code())).body.code).toBe('SecondFactorWrong')
    const { recoveryCodes } = (await enable(readApp(uri as string).code())).body
    expect(recoveryCodes).toHaveLength(10)
    expect((await enable(readApp(uri as string).code())).body.code).toBe('SecondFactorNotBegun')
    expect((await begin(password)).body.code).toBe('SecondFactorExists')
    const state = await api.call('GET', '/api/v1/users/anna/second-factor', undefined, session)
    expect(state.body).toEqual({ enabled: true, enabledAt: new Date(clock.now()).toISOString(), recoveryCodesLeft: 10 })
  })

  test('ends other sessions, and keeps the one that did it', async () => {
    await makePasswordUser('ends')
    const [one, other] = [await tokenOf('ends'), await tokenOf('ends')]
    const { uri } = (await api.call('POST', '/api/v1/second-factor', { password }, one)).body
    await api.call('POST', '/api/v1/second-factor/enable', { code: readApp(uri as string).code() }, one)
    expect((await api.call('GET', '/api/v1/whoami', undefined, one)).status).toBe(200)
    expect((await api.call('GET', '/api/v1/whoami', undefined, other)).status).toBe(401)
  })

  test('is refused for users without a password', async () => {
    const basic = await makeUser(api, 'keyed')
    const answer = await api.call('POST', '/api/v1/second-factor', { password: 'any' }, basic)
    expect(answer.body.code).toBe('SecondFactorNeedsPassword')
  })

  test('stores neither the secret nor the codes as text', async () => {
    await makePasswordUser('sealed')
    const session = await tokenOf('sealed')
    const { secret, uri } = (await api.call('POST', '/api/v1/second-factor', { password }, session)).body
    const code = readApp(uri as string).code()
    const { recoveryCodes } = (await api.call('POST', '/api/v1/second-factor/enable', { code }, session)).body
    const rows = await query("select secret_sealed, encode(secret_sealed, 'escape') as text from second_factors")
    const codes = await query("select encode(code_hash, 'escape') as text from recovery_codes")
    const stored = JSON.stringify([rows, codes, (await api.call('GET', '/api/v1/audit-log')).body])
    for (const text of [secret, ...recoveryCodes, ...recoveryCodes.map((one: string) => one.replaceAll('-', ''))])
      expect(stored).not.toContain(text)
  })
})

describe('signing in', () => {
  test('asks for the code only after the right password', async () => {
    const { app } = await makeGuarded('asked')
    expect((await signIn('asked', app.code(), 'not it')).body.code).toBe('SignInFailed')
    expect((await signIn('asked')).body.code).toBe('SecondFactorRequired')
    expect((await signIn('asked', '')).body.code).toBe('SecondFactorRequired')
    expect((await signIn('asked', '000000')).body.code).toBe('SecondFactorWrong')
    expect((await signIn('asked', app.code())).status).toBe(201)
    const { items } = (await api.call('GET', '/api/v1/audit-log?actor=asked&action=SignIn')).body
    expect(items[0].detail).toEqual({ secondFactor: 'code' })
  })

  test('accepts each code once, and none that is older', async () => {
    const { app } = await makeGuarded('once')
    const earlier = app.code()
    await clock.advance(30_000)
    const code = app.code()
    const both = await Promise.all([signIn('once', code), signIn('once', code)])
    expect(both.filter(({ status }) => status === 201)).toHaveLength(1)
    expect((await signIn('once', earlier)).body.code).toBe('SecondFactorWrong')
    await clock.advance(30_000)
    expect((await signIn('once', app.code())).status).toBe(201)
  })

  test('accepts each recovery code once', async () => {
    const { recoveryCodes } = await makeGuarded('lost')
    const [code = '', next = ''] = recoveryCodes
    expect((await signIn('lost', code.toUpperCase().replaceAll('-', ' '))).status).toBe(201)
    expect((await signIn('lost', code)).body.code).toBe('SecondFactorWrong')
    const session = await tokenOf('lost', next)
    const state = await api.call('GET', '/api/v1/users/lost/second-factor', undefined, session)
    expect(state.body.recoveryCodesLeft).toBe(8)
  })

  test('is throttled after wrong codes, too', async () => {
    // The failures of other tests came from the same address.
    await clock.advance(15 * 60_000)
    const { app } = await makeGuarded('guessed')
    for (let tried = 0; tried < 20; tried++)
      expect((await signIn('guessed', '000000')).body.code).toBe('SecondFactorWrong')
    const waited = async <Result>(answer: Promise<Result>): Promise<Result> => {
      await expect.poll(() => clock.dueAt()).toContain(clock.now() + 1_000)
      await clock.advance(1_000)
      return answer
    }
    expect((await waited(signIn('guessed', '000000'))).body.code).toBe('AuthenticationThrottled')
    expect((await waited(signIn('guessed', app.code()))).status).toBe(201)
    await clock.advance(15 * 60_000)
  })
})

describe('the way back:', () => {
  test('a user removes it with a code, not without', async () => {
    const { basic, app } = await makeGuarded('removes')
    const disable = (code: string) => api.call('POST', '/api/v1/second-factor/disable', { code }, basic)
    expect((await disable('000000')).body.code).toBe('SecondFactorWrong')
    expect((await api.call('DELETE', '/api/v1/users/removes/second-factor', undefined, basic)).status).toBe(403)
    expect((await disable(app.code())).status).toBe(204)
    expect((await signIn('removes')).status).toBe(201)
    expect((await disable(app.code())).body.code).toBe('SecondFactorNotBegun')
  })

  test('an administrator removes it for a user', async () => {
    await makeGuarded('helped')
    await succeed(api, 'DELETE', '/api/v1/users/helped/second-factor')
    expect((await signIn('helped')).status).toBe(201)
    const { items } = (await api.call('GET', '/api/v1/audit-log?action=RemoveSecondFactor')).body
    expect(items[0]).toMatchObject({ resource: 'user/helped', actor: 'admin' })
  })

  test('reset-admin removes that of the administrator', async () => {
    const secrets = createSecretBox(randomBytes(32))
    await query(
      "insert into second_factors (account_id, user_name, id, secret_sealed, created_at, confirmed_at) select account_id, name, 'x', 'sealed', now(), now() from users where name = 'admin'",
    )
    const given = await resetAdministrator({ database: db.database, secrets, random: randomBytes, clock })
    expect((await signIn('admin', undefined, given.password)).status).toBe(201)
  })

  test('a deleted user takes it along', async () => {
    await makeGuarded('gone')
    await succeed(api, 'DELETE', '/api/v1/users/gone?force=true')
    expect(await query("select 1 from second_factors where user_name = 'gone'")).toEqual([])
    expect(await query("select 1 from recovery_codes where user_name = 'gone'")).toEqual([])
  })
})
