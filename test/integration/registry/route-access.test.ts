/**
 * Every route of the API, called by users without permission. The routes are those of the OpenAPI
 * document, so that new ones are covered; a route with a body needs its line below, and one without
 * authorisation its reason.
 */

import Fastify from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sha256Of } from '../../../src/lib/digest.ts'
import { registerAuthorisation } from '../../../src/server/api/http/authorisation.ts'
import { startTestDatabase, type TestDatabase } from '../database/postgres.ts'
import { allow, documentOf, makeUser, succeed } from './access-users.ts'
import { listRows } from './list-rows.ts'
import { admin, basic, makeEnrolment, startTestApi, type TestApi } from './test-api.ts'

let db: TestDatabase
let api: TestApi
let nobody: string
let reader: string
/** May do everything with the instances and executions of another team. */
let stranger: string
let routes: readonly Route[]
let real: Readonly<Record<string, string>>

interface Route {
  readonly method: string
  readonly path: string
}

const configurations = [{ os: 'linux', scripts: { install: 'true' } }]
const start = { action: 'install', extension: 'demo', targets: { kind: 'all' } }

/**
 * A valid body: users without permission must get that error, not a validation error. Other routes
 * take no body.
 */
const bodies: Readonly<Record<string, unknown>> = {
  'POST /api/v1/access-keys': {},
  'POST /api/v1/users': { name: 'eve' },
  'POST /api/v1/roles': { name: 'eve' },
  'POST /api/v1/policies': { name: 'eve', document: documentOf() },
  'PUT /api/v1/policies/{name}': { document: documentOf() },
  'PUT /api/v1/users/{name}/password': { password: 'a password for this test' },
  'POST /api/v1/second-factor': { password: 'not it' },
  'POST /api/v1/second-factor/enable': { code: '000000' },
  'POST /api/v1/second-factor/disable': { code: '000000' },
  'POST /api/v1/join-tokens': {},
  'POST /api/v1/schedules': { name: 'eve', cron: '0 3 * * *', request: start },
  'POST /api/v1/webhooks': { name: 'eve', url: 'https://hooks.example/' },
  'POST /api/v1/freezes': { name: 'eve', endsAt: '2999-01-01T00:00:00Z' },
  'PUT /api/v1/webhooks/{name}': { url: 'https://hooks.example/' },
  'PUT /api/v1/schedules/{name}': { cron: '0 3 * * *', request: start },
  'PUT /api/v1/extensions/{name}/values': { scope: 'group', subject: 'nobody', values: {} },
  'PATCH /api/v1/extensions/{name}/values': { scope: 'group', subject: 'nobody', values: {} },
  'PUT /api/v1/secrets/{name}': { value: 'not it' },
  'PUT /api/v1/freezes/{name}': { endsAt: '2999-01-01T00:00:00Z' },
  'PUT /api/v1/extensions/{name}/channels/{channel}': { version: 'v1' },
  'POST /api/v1/groups': { name: 'eve', filter: 'all' },
  'POST /api/v1/assignments': { name: 'eve', group: 'nobody', extension: 'demo', version: 'v1' },
  'PUT /api/v1/assignments/{name}': { group: 'nobody', extension: 'demo', version: 'v1' },
  'PATCH /api/v1/groups/{name}': { description: 'other' },
  'PATCH /api/v1/instances/{id}': { tags: { env: 'other' } },
  'PUT /api/v1/instances/{id}/role': { role: 'ExtensionInstance' },
  'POST /api/v1/extensions': { name: 'eve', configurations },
  'PATCH /api/v1/extensions/{name}': { tags: { env: 'other' } },
  'POST /api/v1/extensions/{name}/versions': { configurations },
  'POST /api/v1/extensions/{name}/versions/{version}/signatures': { signature: 'none' },
  'POST /api/v1/agent-bundles/{arch}/signatures': { signature: 'none' },
  'POST /api/v1/executions/{id}/plan-signatures': { signature: 'none' },
  'PUT /api/v1/trust-file': { content: '{}', signatures: ['none'] },
  'POST /api/v1/permission-checks': { checks: [{ action: 'ecs:DeleteInstance', resource: 'instance/*' }] },
  'POST /api/v1/extensions/lint': { name: 'eve', configurations },
  'POST /api/v1/buckets': { name: 'eve' },
  'PUT /api/v1/buckets/{bucket}/objects/{*}': 'bytes',
  'POST /api/v1/plans': start,
  'POST /api/v1/executions': start,
  'PATCH /api/v1/executions/{id}': { description: 'other' },
  'POST /api/v1/executions/{id}/retry': {},
  'POST /api/v1/executions/{id}/retry/plan': {},
  'PUT /api/v1/artifacts': 'bytes',
  'POST /api/v1/uploads': { sizeBytes: 5 },
  'PUT /api/v1/uploads/{id}': 'bytes',
}

const queries: Readonly<Record<string, string>> = {
  '/api/v1/streams': '?topic=lists',
  '/api/v1/instances/values': '?property=name',
  'PUT /api/v1/uploads/{id}': '?offset=0',
  '/api/v1/executions/{id}/tasks/{instanceId}/output/search': '?text=a',
  '/api/v1/sessions': '?user=admin',
}

/** They never end, so HEAD, which waits for the end, gets no answer. */
const streams = [
  '/api/v1/events',
  '/api/v1/streams',
  '/api/v1/executions/{id}/events',
  '/api/v1/executions/{id}/output/follow',
]

/** Agents, health checks, and users who sign in have no access key. */
const open = [
  'GET /healthz',
  'GET /readyz',
  'POST /agent/v1/enrol',
  'POST /api/v1/session',
  'POST /api/v1/session-tokens',
  'POST /api/v1/session-tokens/device',
  'POST /api/v1/session-tokens/device/poll',
  'GET /api/v1/session/methods',
  'GET /api/v1/session/sso',
  'GET /api/v1/session/sso/callback',
  'GET /api/v1/session/sso/sign-out',
]

/** About the calling session: access keys have none. */
const forSessions = ['GET /api/v1/session', 'DELETE /api/v1/session']

/** About the caller's own sign-in; they check its password or code. */
const forThemselves = [
  'POST /api/v1/second-factor',
  'POST /api/v1/second-factor/enable',
  'POST /api/v1/second-factor/disable',
]

/** Routes that every key may call. */
const forAll = [
  // About the caller.
  'GET /api/v1/whoami',
  'POST /api/v1/permission-checks',
  // Ids of changed resources without their content.
  'GET /api/v1/events',
  // Each topic is authorised like its own route (streams.test.ts).
  'GET /api/v1/streams',
  // About the content of the request.
  'POST /api/v1/extensions/lint',
]

beforeAll(async () => {
  db = await startTestDatabase()
  api = await startTestApi(db.database)
  const { token, id: joinToken } = await succeed(api, 'POST', '/api/v1/join-tokens', { tags: { team: 'a' } })
  const { instanceId } = await succeed(api, 'POST', '/agent/v1/enrol', makeEnrolment(token))
  await succeed(api, 'POST', '/api/v1/extensions', { name: 'demo', configurations })
  const { id: execution } = await succeed(api, 'POST', '/api/v1/executions', {
    ...start,
    approval: { signatures: 1 },
  })
  await succeed(api, 'POST', '/api/v1/buckets', { name: 'releases' })
  const put = { method: 'PUT', path: '/api/v1/buckets/releases/objects/demo/v1.bin' }
  await ask(put, basic(admin), { body: 'bytes' })
  nobody = await makeUser(api, 'nobody')
  reader = await makeUser(api, 'reader')
  await makeUser(api, 'bystander')
  await succeed(api, 'PUT', '/api/v1/users/reader/policies/AliyunOOSReadOnlyAccess')
  stranger = await makeUser(api, 'stranger', {
    ...allow('*'),
    Condition: { StringEquals: { 'acs:ResourceTag/team': 'b' } },
  })
  await succeed(api, 'POST', '/api/v1/groups', { name: 'nobody', filter: 'all' })
  await succeed(api, 'POST', '/api/v1/assignments', {
    name: 'nobody',
    group: 'nobody',
    extension: 'demo',
    version: 'v1',
  })
  await succeed(api, 'PUT', '/api/v1/extensions/demo/channels/stable', { version: 'v1' })
  const plan = (await api.call('POST', '/api/v1/plans', start, reader)).body.id as string
  await succeed(api, 'POST', '/api/v1/webhooks', { name: 'ci', url: 'https://hooks.example/' })
  await succeed(api, 'POST', '/api/v1/schedules', { name: 'nightly', cron: '0 3 * * *', request: start })
  const { id: upload } = await succeed(api, 'POST', '/api/v1/uploads', { sizeBytes: 5 })
  await succeed(api, 'POST', '/api/v1/roles', { name: 'nobody' })
  await succeed(api, 'POST', '/api/v1/policies', {
    name: 'nobody',
    document: documentOf({ Effect: 'Allow', Action: '*', Resource: '*' }),
  })
  real = {
    instanceId,
    'join-tokens': joinToken,
    'access-keys': admin.id,
    sessions: 'ses-0',
    // Users may read what is their own.
    users: 'bystander',
    instances: instanceId,
    executions: execution,
    plans: plan,
    extensions: 'demo',
    uploads: upload,
    webhooks: 'ci',
    schedules: 'nightly',
    deliveries: '1',
    version: 'v1',
    arch: 'x86_64',
    bucket: 'releases',
    '*': 'demo/v1.bin',
    sha256: sha256Of('bytes'),
    policy: 'nobody',
    channel: 'stable',
    name: 'nobody',
  }
  const { body } = await api.call('GET', '/openapi.json', undefined, null)
  const documented = Object.entries<Record<string, unknown>>(body.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => ({ method: method.toUpperCase(), path })),
  )
  // The document omits HEAD, and the one route that answers only HEAD.
  const heads = documented
    .filter(({ method, path }) => method === 'GET' && !streams.includes(path))
    .map(({ path }) => ({ method: 'HEAD', path }))
  const all = [...documented, ...heads, { method: 'HEAD', path: '/api/v1/artifacts/{sha256}' }]
  routes = [...new Map(all.map((route) => [nameOf(route), route])).values()]
})
afterAll(async () => {
  await api.close()
  await db.stop()
})

const nameOf = ({ method, path }: Route) => `${method} ${path}`

/** Fills path parameters: `{id}` is one of the kind that precedes it in the path. */
const fill = (path: string, valueOf: (name: string, kind: string) => string | undefined) =>
  path.replaceAll(/(?:([\w-]+)\/)?\{([^}]+)\}/g, (_, kind: string | undefined, name: string) => {
    const value = valueOf(name, kind ?? '')
    if (value === undefined) throw new Error(`this test has no ${name} of ${path}: give it one`)
    return `${kind === undefined ? '' : `${kind}/`}${value}`
  })

/** Only the header of an endless answer is read. */
async function ask(
  route: Route,
  authorization: string | null,
  { path = route.path, body = bodies[nameOf(route)] }: { readonly path?: string; readonly body?: unknown } = {},
) {
  const isText = typeof body === 'string'
  const leave = new AbortController()
  const response = await fetch(api.url + path + (queries[nameOf(route)] ?? queries[route.path] ?? ''), {
    method: route.method,
    headers: {
      ...(authorization !== null && { authorization }),
      ...(body !== undefined && { 'content-type': isText ? 'application/octet-stream' : 'application/json' }),
    },
    ...(body !== undefined && { body: isText ? body : JSON.stringify(body) }),
    signal: leave.signal,
  })
  const isProblem = response.headers.get('content-type')?.startsWith('application/problem+json')
  const code = isProblem && route.method !== 'HEAD' ? ((await response.json()) as { code: string }).code : ''
  leave.abort()
  return { status: response.status, code }
}

/** The answers for a user, by route, for resources that exist or do not. */
async function askAll(authorization: string | null, asked: readonly Route[], things: 'real' | 'imagined') {
  const imagined: Readonly<Record<string, string>> = { version: 'v9', arch: 'arm64', sha256: '0'.repeat(64) }
  const valueOf = (name: string, kind: string) =>
    things === 'real' ? (real[['id', 'name'].includes(name) ? kind : ''] ?? real[name]) : (imagined[name] ?? 'nothing')
  const answers: Record<string, string> = {}
  for (const route of asked) {
    const { status, code } = await ask(route, authorization, { path: fill(route.path, valueOf) })
    answers[nameOf(route)] = `${status} ${code}`.trim()
  }
  return answers
}

const refusedAs = ({ method }: Route) => (method === 'HEAD' ? '403' : '403 AccessDenied')
const refusals = (asked: readonly Route[]) =>
  Object.fromEntries(asked.map((route) => [nameOf(route), refusedAs(route)]))
/** HEAD needs the same permission as GET. */
const isAmong = (list: readonly string[]) => (route: Route) =>
  list.includes(nameOf(route.method === 'HEAD' ? { ...route, method: 'GET' } : route))
const isClosed = (route: Route) => !isAmong([...open, ...forAll, ...forSessions, ...forThemselves])(route)

test.each(['real', 'imagined'] as const)(
  'who has no policy is refused every route alike, for %s things, and nothing of it remains',
  async (things) => {
    const asked = routes.filter(isClosed)
    expect(asked.length).toBeGreaterThan(80)
    const before = await listRows(db)
    expect(await askAll(nobody, asked, things)).toEqual(refusals(asked))
    expect(await listRows(db)).toEqual(before)
  },
)

test('who has no key is refused every route alike, for things that exist or do not', async () => {
  const asked = routes.filter((route) => !isAmong(open)(route))
  const expected = Object.fromEntries(
    asked.map((route) => [nameOf(route), route.method === 'HEAD' ? '401' : '401 Unauthenticated']),
  )
  expect(await askAll(null, asked, 'real')).toEqual(expected)
  expect(await askAll(null, asked, 'imagined')).toEqual(expected)
})

/** Lists of instances and executions contain those of the user's team. A freeze holds the executions of all teams. */
const listsOfTeam = [
  'GET /api/v1/instances',
  'GET /api/v1/instances/values',
  'GET /api/v1/instances.csv',
  'GET /api/v1/executions',
  'GET /api/v1/freezes',
]

test('a user of another team is refused every other route without effect, and lists contain nothing', async () => {
  const asked = routes.filter(isClosed)
  const before = await listRows(db)
  const ofPlan = isAmong(['GET /api/v1/plans/{id}/targets'])
  const expected = asked.map((route): [string, string] => [
    nameOf(route),
    isAmong(listsOfTeam)(route)
      ? '200'
      : ofPlan(route)
        ? // A plan belongs to the user who made it.
          route.method === 'HEAD'
          ? '404'
          : '404 PlanNotFound'
        : refusedAs(route),
  ])
  expect(await askAll(stranger, asked, 'real')).toEqual(Object.fromEntries(expected))
  expect(await listRows(db)).toEqual(before)
  for (const name of listsOfTeam) {
    const path = name.slice('GET '.length)
    const response = await fetch(api.url + path + (queries[path] ?? ''), { headers: { authorization: stranger } })
    const text = await response.text()
    expect([name, text.includes(real.instances ?? ''), text.includes(real.executions ?? '')]).toEqual([
      name,
      false,
      false,
    ])
  }
})

test('a route without a declared permission prevents the start of the server', () => {
  const server = Fastify()
  registerAuthorisation(server, {} as never, () => false)
  expect(() => server.get('/api/v1/forgotten', () => 'everything')).toThrow(
    'GET /api/v1/forgotten declares no permissions',
  )
  expect(() => server.get('/api/v1/closed', { config: { access: 'any-user' } }, () => 'ok')).not.toThrow()
})

test('public routes answer everyone', async () => {
  const asked = routes.filter((route) => route.method !== 'HEAD' && isAmong(forAll)(route))
  expect(asked).toHaveLength(forAll.length)
  expect(Object.values(await askAll(nobody, asked, 'real'))).toEqual(asked.map(() => '200'))
})

test('a user without a password or second factor can change neither', async () => {
  const asked = routes.filter(isAmong(forThemselves))
  const before = await listRows(db)
  expect(Object.values(await askAll(nobody, asked, 'real'))).toEqual([
    '409 SecondFactorNeedsPassword',
    '409 SecondFactorNotBegun',
    '409 SecondFactorNotBegun',
  ])
  expect(await listRows(db)).toEqual(before)
})

test('an access key has no session, whichever user owns it', async () => {
  const asked = routes.filter((route) => route.method !== 'HEAD' && isAmong(forSessions)(route))
  expect(asked).toHaveLength(forSessions.length)
  expect(Object.values(await askAll(basic(admin), asked, 'real'))).toEqual(asked.map(() => '401 Unauthenticated'))
})

/** Neither for instances, nor for extensions and executions: the policy does not mention them. */
const notForReaders =
  /access-keys|webhooks|secrets|schedules|sessions|users|roles|policies|join-tokens|audit-log|artifacts|uploads|metrics|trust-file|agent-bundles/
const notRead = ['GET /api/v1/buckets/{bucket}/objects/{*}']

test('a read-only user may read, and every other request is refused without effect', async () => {
  const mayRead = (route: Route) =>
    nameOf(route) === 'POST /api/v1/plans' ||
    (['GET', 'HEAD'].includes(route.method) && !notForReaders.test(route.path) && !isAmong(notRead)(route))
  const closed = routes.filter(isClosed)
  const before = await listRows(db)
  const refused = closed.filter((route) => !mayRead(route))
  expect(await askAll(reader, refused, 'real')).toEqual(refusals(refused))
  const answered = closed.filter(mayRead)
  expect(answered.length).toBeGreaterThan(30)
  expect(await askAll(reader, answered, 'real')).toEqual(
    Object.fromEntries(answered.map((route) => [nameOf(route), '200'])),
  )
  // The server keeps a plan for its further pages.
  const { plans: _, plan_pages: __, ...after } = await listRows(db)
  expect(before).toMatchObject(after)
})

test.each(streams)('HEAD of %s does not start an endless stream', async (path) => {
  const route = { method: 'HEAD', path }
  expect(await askAll(basic(admin), [route], 'real')).toEqual({ [nameOf(route)]: '404' })
})
