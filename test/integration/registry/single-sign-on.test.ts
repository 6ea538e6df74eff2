/** Sign-in through a real OpenID Connect provider, over HTTP. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createManualClock, type ManualClock } from '../../../src/lib/manual-clock.ts'
import { createOidcClient } from '../../../src/server/boot/sso/oidc-client.ts'
import { startTestDatabase, type TestDatabase } from '../database/postgres.ts'
import { allow, documentOf, succeed } from './access-users.ts'
import { createBrowser, type IdentityProvider, startIdentityProvider } from './identity-provider.ts'
import { startTestApi, type TestApi } from './test-api.ts'

let db: TestDatabase
let api: TestApi
let clock: ManualClock
let provider: IdentityProvider
let callback: string
const sessionMs = 3_600_000

beforeAll(async () => {
  db = await startTestDatabase()
  clock = createManualClock(Date.now())
  provider = await startIdentityProvider(() => [callback])
  const settings = {
    issuer: provider.issuer,
    clientId: provider.client.id,
    clientSecret: provider.client.secret,
    scopes: 'openid profile email',
    userClaim: 'preferred_username',
    groupsClaim: 'groups',
  }
  const groupRoles = [{ group: 'ops', role: 'operators' }]
  api = await startTestApi(db.database, clock, {
    sso: { name: 'Example', groupRoles, sessionMs, ...createOidcClient(settings) },
  })
  callback = `${api.url}/api/v1/session/sso/callback`
  await succeed(api, 'POST', '/api/v1/policies', { name: 'Reading', document: documentOf(allow('oos:List*')) })
  await succeed(api, 'POST', '/api/v1/roles', { name: 'operators' })
  await succeed(api, 'PUT', '/api/v1/roles/operators/policies/Reading')
})
afterAll(async () => {
  await provider.stop()
  await api.close()
  await db.stop()
})

const isCallback = (url: string) => url.startsWith(callback)
const isServer = (url: string) => url.startsWith(api.url) && !url.includes('/session/sso')

async function signIn(login: string, browser = createBrowser()) {
  const end = await browser.follow(`${api.url}/api/v1/session/sso`, login, isServer)
  const session = await browser.ask(`${api.url}/api/v1/session`)
  return { browser, end: end.slice(api.url.length), status: session.status, session: await session.json() }
}

describe('while the provider is unreachable', () => {
  test('the sign-in says so, and a password works', async () => {
    await provider.stop()
    const { end } = await signIn('anna')
    expect(end).toBe('/?signInError=SsoUnreachable')
    await succeed(api, 'POST', '/api/v1/users', { name: 'local' })
    const password = 'a good password 你好'
    await succeed(api, 'PUT', '/api/v1/users/local/password', { password })
    const answer = await fetch(`${api.url}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-chandler-console': '1', 'sec-fetch-site': 'same-origin' },
      body: JSON.stringify({ userName: 'local', password }),
    })
    expect(answer.status).toBe(201)
    await provider.start()
  })
})

describe('a user of the provider', () => {
  test('signs in after it is reachable again, and has the policies of the roles of their groups', async () => {
    provider.users['subject-1'] = { preferred_username: 'anna', groups: ['ops', 'other'] }
    const { end, session, browser } = await signIn('subject-1')
    expect(end).toBe('/')
    expect(session).toMatchObject({
      userName: 'anna',
      administrator: false,
      policies: ['Reading'],
      roles: ['operators'],
    })
    expect((await browser.ask(`${api.url}/api/v1/extensions`)).status).toBe(200)
    // Approval gates read the roles of the requests of the session.
    expect(await (await browser.ask(`${api.url}/api/v1/whoami`)).json()).toMatchObject({ roles: ['operators'] })
    const { items } = (await api.call('GET', '/api/v1/audit-log?actor=anna&action=SignIn')).body
    expect(items[0].detail).toMatchObject({ subject: 'subject-1', groups: ['ops', 'other'], roles: ['operators'] })
  })

  test('a group that disappears takes its permissions away at the next sign-in', async () => {
    provider.users['subject-1'] = { preferred_username: 'anna', groups: [] }
    const { session, browser } = await signIn('subject-1')
    expect(session).toMatchObject({ userName: 'anna', policies: [] })
    expect((await browser.ask(`${api.url}/api/v1/extensions`)).status).toBe(403)
  })

  test('a changed policy of the role takes effect in open sessions', async () => {
    provider.users['subject-1'] = { preferred_username: 'anna', groups: ['ops'] }
    const { browser } = await signIn('subject-1')
    await succeed(api, 'DELETE', '/api/v1/roles/operators/policies/Reading')
    expect((await browser.ask(`${api.url}/api/v1/extensions`)).status).toBe(403)
    await succeed(api, 'PUT', '/api/v1/roles/operators/policies/Reading')
  })

  test('has to sign in again after the configured time', async () => {
    provider.users['subject-1'] = { preferred_username: 'anna' }
    const { browser } = await signIn('subject-1')
    await clock.advance(sessionMs + 1)
    expect((await browser.ask(`${api.url}/api/v1/session`)).status).toBe(401)
  })

  test('keeps the name of the first sign-in, and cannot take the name of another user', async () => {
    provider.users['subject-1'] = { preferred_username: 'local' }
    expect((await signIn('subject-1')).session).toMatchObject({ userName: 'anna' })
    provider.users['subject-2'] = { preferred_username: 'anna' }
    provider.users['subject-3'] = { preferred_username: 'admin', groups: ['ops'] }
    provider.users['subject-4'] = { preferred_username: '../x' }
    provider.users['subject-5'] = {}
    expect((await signIn('subject-2')).end).toBe('/?signInError=SsoNameTaken')
    expect((await signIn('subject-3')).end).toBe('/?signInError=SsoNameTaken')
    expect((await signIn('subject-4')).end).toBe('/?signInError=SsoNameMissing')
    expect((await signIn('subject-5')).end).toBe('/?signInError=SsoNameMissing')
  })
})

describe('a callback', () => {
  const reach = async (browser = createBrowser()) => {
    provider.users['subject-1'] = { preferred_username: 'anna' }
    return { browser, url: await browser.follow(`${api.url}/api/v1/session/sso`, 'subject-1', isCallback) }
  }
  const locationOf = async (browser: ReturnType<typeof createBrowser>, url: string) =>
    (await browser.ask(url)).headers.get('location')

  test('of another browser is refused', async () => {
    const { url } = await reach()
    expect(await locationOf(createBrowser(), url)).toBe('/?signInError=SsoNotStarted')
    const { browser } = await reach()
    expect(await locationOf(browser, url)).toBe('/?signInError=SsoRefused')
  })

  test('with another state, another issuer or a used code is refused', async () => {
    for (const change of [
      (url: URL) => url.searchParams.set('state', 'other'),
      (url: URL) => url.searchParams.delete('state'),
      (url: URL) => url.searchParams.set('iss', 'https://evil.example'),
      (url: URL) => url.searchParams.set('code', 'guess'),
    ]) {
      const { browser, url } = await reach()
      const changed = new URL(url)
      change(changed)
      expect(await locationOf(browser, changed.href)).toBe('/?signInError=SsoRefused')
    }
    const { browser, url } = await reach()
    expect(await locationOf(browser, url)).toBe('/')
    expect(await locationOf(browser, url)).toBe('/?signInError=SsoNotStarted')
  })

  test('with an error of the provider is refused', async () => {
    const { browser, url } = await reach()
    const { searchParams } = new URL(url)
    const state = searchParams.get('state') ?? ''
    expect(await locationOf(browser, `${callback}?error=access_denied&state=${state}`)).toBe('/?signInError=SsoRefused')
  })

  test('leads to the console only, whatever the request contains', async () => {
    const { browser, url } = await reach()
    expect(await locationOf(browser, `${url}&returnTo=https://evil.example&redirect=//evil.example`)).toMatch(
      /^\/(\?|$)/,
    )
  })
})

describe('a program', () => {
  const begin = async () => (await api.call('POST', '/api/v1/session-tokens/device', undefined, null)).body
  const poll = (handle: string) => api.call('POST', '/api/v1/session-tokens/device/poll', { handle }, null)
  const bearer = (token: string) => `Bearer session:${token}`

  test('signs in while its user uses a browser elsewhere', async () => {
    provider.users['subject-1'] = { preferred_username: 'anna', groups: ['ops'] }
    const { handle, userCode, verificationUri, intervalMs, expiresAt } = await begin()
    expect(userCode).toMatch(/^[A-Z]{4}-[A-Z]{4}$/)
    expect(new URL(verificationUri as string).origin).toBe(provider.issuer)
    expect(Date.parse(expiresAt as string)).toBeGreaterThan(clock.now())
    expect((await poll(handle as string)).body).toEqual({ intervalMs })
    await createBrowser().enterCode(verificationUri as string, userCode as string, 'subject-1')
    const { session } = (await poll(handle as string)).body
    expect(session).toMatchObject({ userName: 'anna' })
    const who = await api.call('GET', '/api/v1/whoami', undefined, bearer(session.token as string))
    expect(who.body).toMatchObject({ userName: 'anna', policies: ['Reading'] })
    // The code of the device is used up.
    expect((await poll(handle as string)).body.code).toBe('SsoRefused')
    await clock.advance(sessionMs + 1)
    const later = await api.call('GET', '/api/v1/whoami', undefined, bearer(session.token as string))
    expect(later.body.code).toBe('SessionEnded')
  })

  test('gets nothing when its user refuses, with a changed handle, or after the sign-in expired', async () => {
    const refused = await begin()
    await createBrowser().enterCode(refused.verificationUri as string, refused.userCode as string, undefined)
    expect((await poll(refused.handle as string)).body.code).toBe('SsoRefused')
    expect((await poll('guess')).body.code).toBe('DeviceSignInUnknown')
    const changed = Buffer.from(refused.handle as string, 'base64url')
    changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1
    expect((await poll(changed.toString('base64url'))).body.code).toBe('DeviceSignInUnknown')
    const late = await begin()
    await clock.advance(3_600_000)
    expect((await poll(late.handle as string)).body.code).toBe('DeviceSignInUnknown')
  })

  test('learns that the provider is unreachable', async () => {
    const { handle } = await begin()
    await provider.stop()
    expect((await poll(handle as string)).body.code).toBe('SsoUnreachable')
    expect((await begin()).code).toBe('SsoUnreachable')
    await provider.start()
  })
})

test('refused sign-ins are in the audit log, with their reason', async () => {
  await clock.advance(60_000)
  provider.users['subject-9'] = { preferred_username: 'admin' }
  expect((await signIn('subject-9')).end).toBe('/?signInError=SsoNameTaken')
  await expect
    .poll(async () => (await api.call('GET', '/api/v1/audit-log?action=SignInFailed')).body.items[0])
    .toMatchObject({
      resource: 'single-sign-on',
      detail: { code: 'SsoNameTaken', reason: expect.stringContaining('admin') },
    })
})

test('the sign-out leads to the provider', async () => {
  const response = await fetch(`${api.url}/api/v1/session/sso/sign-out`, { redirect: 'manual' })
  const location = new URL(response.headers.get('location') ?? '')
  expect(location.origin).toBe(provider.issuer)
  expect(location.searchParams.get('post_logout_redirect_uri')).toBe(`${api.url}/`)
})

test('the sign-in page knows the provider; the cookie of a sign-in is limited to it', async () => {
  const { body } = await api.call('GET', '/api/v1/session/methods', undefined, null)
  expect(body).toEqual({ password: true, sso: { name: 'Example', path: '/api/v1/session/sso' } })
  const response = await fetch(`${api.url}/api/v1/session/sso`, { redirect: 'manual' })
  expect(response.headers.getSetCookie()[0]).toMatch(
    /; Max-Age=600; Path=\/api\/v1\/session\/sso; HttpOnly; SameSite=Lax$/,
  )
  const { searchParams } = new URL(response.headers.get('location') ?? '')
  expect(Object.fromEntries(searchParams)).toMatchObject({ code_challenge_method: 'S256', redirect_uri: callback })
  for (const name of ['state', 'nonce', 'code_challenge']) expect(searchParams.get(name)?.length).toBeGreaterThan(40)
})
