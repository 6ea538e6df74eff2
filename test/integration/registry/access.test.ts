import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { sha256Of } from '../../../src/lib/digest.ts'
import { bootstrap } from '../../../src/server/app/access/bootstrap.ts'
import { createSecretBox } from '../../../src/server/boot/keys.ts'
import { createSecretDigests } from '../../../src/server/boot/secret-digests.ts'
import { startTestDatabase, type TestDatabase } from '../database/postgres.ts'
import { signQueryV1 } from '../oos/signed-request.ts'
import { admin, basic, makeEnrolment, startTestApi, type TestApi } from './test-api.ts'

let db: TestDatabase
let api: TestApi

beforeAll(async () => {
  db = await startTestDatabase()
})
afterAll(() => db.stop())
beforeEach(async () => {
  api = await startTestApi(db.database)
})
afterEach(() => api.close())

const instances = (authorization: string | null) => api.call('GET', '/api/v1/instances', undefined, authorization)

describe('authentication', () => {
  test('an access key, as Basic or as Bearer', async () => {
    expect((await instances(basic(admin))).status).toBe(200)
    expect((await instances(`Bearer ${admin.id}:${admin.secret}`)).status).toBe(200)
  })

  test('a request without a key gets a hint', async () => {
    const { status, body, headers } = await instances(null)
    expect(status).toBe(401)
    expect(headers.get('www-authenticate')).toBe('Bearer realm="chandler"')
    expect(headers.get('content-type')).toBe('application/problem+json')
    expect(body).toMatchObject({
      type: 'urn:chandler:error:Unauthenticated',
      code: 'Unauthenticated',
      status: 401,
      next: expect.stringContaining('chandler login'),
      arguments: {},
      requestId: headers.get('x-request-id'),
    })
  })

  test('an error has its arguments, from which a client makes its text in another language', async () => {
    const { body } = await api.call('GET', '/api/v1/instances/i-none')
    expect(body).toMatchObject({
      code: 'InstanceNotFound',
      detail: 'Instance i-none does not exist in this account.',
      arguments: { id: 'i-none' },
    })
  })

  test.each([
    ['a wrong secret', basic({ ...admin, secret: 'wrong' })],
    ['no secret', basic({ ...admin, secret: '' })],
    ['an unknown id', basic({ id: 'nobody', secret: admin.secret })],
    ['an id that no key has', basic({ id: `'; drop table access_keys; --`, secret: 'x' })],
    ['no colon', 'Basic YWJj'],
    ['not base64', 'Basic %%%'],
    ['a longer secret', basic({ ...admin, secret: `${admin.secret}x` })],
  ])('%s is refused, always with the same answer', async (_, authorization) => {
    const { status, body } = await instances(authorization)
    expect(status).toBe(401)
    expect(body).toMatchObject({
      code: 'AccessKeyInvalid',
      detail: expect.stringMatching(/^The access key id is unknown/),
    })
  })

  test('only the necessary routes are open', async () => {
    const { body } = await api.call('GET', '/openapi.json', undefined, null)
    const answers = await Promise.all(
      Object.entries<Record<string, unknown>>(body.paths).flatMap(([path, methods]) =>
        Object.keys(methods).map(async (method) => {
          const { status } = await fetch(api.url + path.replaceAll(/\{\w+\}/g, 'x'), { method: method.toUpperCase() })
          return `${method} ${path} ${status === 401 ? 'closed' : 'open'}`
        }),
      ),
    )
    expect(answers.length).toBeGreaterThan(30)
    expect(answers.filter((line) => line.endsWith('open')).sort()).toEqual([
      'get /api/v1/session/methods open',
      'get /api/v1/session/sso open',
      'get /api/v1/session/sso/callback open',
      'get /api/v1/session/sso/sign-out open',
      'get /healthz open',
      'get /readyz open',
      'post /agent/v1/enrol open',
      'post /api/v1/session open',
      'post /api/v1/session-tokens open',
      'post /api/v1/session-tokens/device open',
      'post /api/v1/session-tokens/device/poll open',
    ])
  })

  test('guessing is slowed down: after 20 failures an address has to wait; clients with a valid key do not', async () => {
    for (let failure = 1; failure <= 20; failure++)
      expect((await instances(basic({ id: 'x', secret: `${failure}` }))).status).toBe(401)
    const throttled = await instances(basic({ id: 'y', secret: '21' }))
    expect(throttled.status).toBe(429)
    expect(throttled.headers.get('retry-after')).toBe('60')
    expect(throttled.body).toMatchObject({
      code: 'AuthenticationThrottled',
      next: expect.stringContaining('60 seconds'),
    })
    expect((await instances(basic(admin))).status).toBe(200)
    await api.clock.advance(60_000)
    expect((await instances(basic({ id: 'y', secret: '21' }))).status).toBe(401)
  })

  test('guessing join tokens counts on every route; an expired one does not count', async () => {
    const askFor = async (token: string) => {
      const headers = { authorization: `Bearer ${token}` }
      const response = await fetch(`${api.url}/agent/bundle.tar.gz?os=linux&arch=x86_64`, { headers })
      return ((await response.json()) as { code: string }).code
    }
    const enrol = async (token: string) => (await api.call('POST', '/agent/v1/enrol', makeEnrolment(token), null)).body
    const { body } = await api.call('POST', '/api/v1/join-tokens', { ttlMs: 60_000 })
    await api.clock.advance(60_000)
    for (let time = 1; time <= 21; time++) expect(await askFor(body.token)).toBe('JoinTokenExpired')
    for (let failure = 1; failure <= 10; failure++) expect(await askFor(`ct_${failure}`)).toBe('JoinTokenInvalid')
    for (let failure = 1; failure <= 10; failure++) expect((await enrol(`ct_${failure}`)).code).toBe('JoinTokenInvalid')
    expect(await askFor('ct_21')).toBe('AuthenticationThrottled')
    expect((await enrol('ct_21')).code).toBe('AuthenticationThrottled')
    const { body: good } = await api.call('POST', '/api/v1/join-tokens', {})
    expect((await enrol(good.token)).instanceId).toMatch(/^i-/)
  })

  test('no secret is ever logged', async () => {
    await instances(basic({ ...admin, secret: 'a-wrong-secret' }))
    const { body } = await api.call('POST', '/api/v1/access-keys', {})
    await instances(basic(body))
    const { body: token } = await api.call('POST', '/api/v1/join-tokens', {})
    const log = api.log.join('')
    expect(log).toContain('/api/v1/access-keys')
    for (const secret of ['a-wrong-secret', admin.secret, body.secret, token.token, 'Basic '])
      expect(log).not.toContain(secret)
  })
})

describe('access keys', () => {
  test('a key is created, shown once, used, disabled, enabled', async () => {
    const asked = { userName: 'ci', description: 'for the pipeline' }
    expect((await api.call('POST', '/api/v1/access-keys', asked)).body).toMatchObject({
      status: 404,
      code: 'UserNotFound',
    })
    expect((await api.call('POST', '/api/v1/users', { name: 'ci' })).status).toBe(201)
    await api.call('PUT', '/api/v1/users/ci/policies/AliyunOOSReadOnlyAccess')
    const created = await api.call('POST', '/api/v1/access-keys', asked)
    expect(created.status).toBe(201)
    expect(created.body).toMatchObject({ userName: 'ci', description: 'for the pipeline', status: 'enabled' })
    expect(created.body.secret).toMatch(/^[\w-]{43}$/)
    const { id } = created.body
    const listed = await api.call('GET', '/api/v1/access-keys')
    expect(listed.body.items).toContainEqual({ ...created.body, secret: undefined })

    expect((await instances(basic(created.body))).status).toBe(200)
    expect((await api.call('POST', `/api/v1/access-keys/${id}/disable`)).status).toBe(204)
    expect((await instances(basic(created.body))).body).toMatchObject({ code: 'AccessKeyDisabled', status: 401 })
    expect((await instances(basic({ ...created.body, secret: 'x' }))).body.code).toBe('AccessKeyInvalid')
    expect((await api.call('POST', `/api/v1/access-keys/${id}/enable`)).status).toBe(204)
    expect((await instances(basic(created.body))).status).toBe(200)
    await api.call('POST', `/api/v1/access-keys/${id}/disable`)
  })

  test('another server notices a disabled key within 5 s', async () => {
    const { body: key } = await api.call('POST', '/api/v1/access-keys', {})
    const other = await startTestApi(db.database)
    expect((await other.call('GET', '/api/v1/instances', undefined, basic(key))).status).toBe(200)
    await api.call('POST', `/api/v1/access-keys/${key.id}/disable`)
    await other.clock.advance(5_000)
    expect((await other.call('GET', '/api/v1/instances', undefined, basic(key))).body.code).toBe('AccessKeyDisabled')
    await other.close()
  })

  test('the last one stays enabled, also under concurrency', async () => {
    const { body: first } = await api.call('POST', '/api/v1/access-keys', {})
    const { body: second } = await api.call('POST', '/api/v1/access-keys', {})
    const others = (await api.call('GET', '/api/v1/access-keys')).body.items
      .map(({ id }: { id: string }) => id)
      .filter((id: string) => ![first.id, second.id, admin.id].includes(id))
    for (const id of [admin.id, ...others])
      await api.call('POST', `/api/v1/access-keys/${id}/disable`, undefined, basic(first))
    const [one, two] = await Promise.all([
      api.call('POST', `/api/v1/access-keys/${second.id}/disable`, undefined, basic(first)),
      api.call('POST', `/api/v1/access-keys/${first.id}/disable`, undefined, basic(second)),
    ])
    const [refused, survivor] = one.status === 204 ? [two, first] : [one, second]
    // Refused for being the last, or, if the other came first, for having no valid key any more.
    expect(['AccessKeyLast', 'AccessKeyDisabled']).toContain(refused.body.code)
    const alone = await api.call('POST', `/api/v1/access-keys/${survivor.id}/disable`, undefined, basic(survivor))
    expect([alone.status, alone.body.code]).toEqual([409, 'AccessKeyLast'])
    expect((await api.call('POST', `/api/v1/access-keys/${admin.id}/enable`, undefined, basic(survivor))).status).toBe(
      204,
    )
  })

  test('one that does not exist', async () => {
    const { status, body } = await api.call('POST', '/api/v1/access-keys/ak-none/disable')
    expect([status, body.code]).toEqual([404, 'AccessKeyNotFound'])
  })

  const sign = (key: { readonly id: string; readonly secret: string }) =>
    signQueryV1(key, { Action: 'DescribeRegions' }, { at: new Date(api.clock.now()) }).toString()
  const readKey = (id: string) =>
    db.database.selectFrom('access_keys').selectAll().where('id', '=', id).executeTakeFirstOrThrow()

  test('the database has a hash of the secret, which signs no request of the OOS API', async () => {
    const { body } = await api.call('POST', '/api/v1/access-keys', {})
    expect(body).toMatchObject({ kind: 'native' })
    const { secret_sealed: sealed, secret_hash: hash } = await readKey(body.id)
    expect(sealed).toBeNull()
    expect(hash).toBe(sha256Of(`access-key/${body.id}\n${body.secret}`))
    expect((await api.call('GET', '/api/v1/whoami', undefined, basic(body))).status).toBe(200)
    expect((await api.call('GET', '/api/v1/whoami', undefined, basic({ ...body, secret: hash! }))).status).toBe(401)
    const answer = await fetch(`${api.url}/?${sign(body)}`)
    expect(answer.status).toBe(403)
    expect(await answer.text()).toContain('has only a hash of its secret')
  })

  test('an encrypted secret is replaced by its hash, and the key works as before in the native API', async () => {
    const { body } = await api.call('POST', '/api/v1/access-keys', { kind: 'oos' })
    const ask = () => fetch(`${api.url}/?${sign(body)}`)
    expect((await ask()).status).toBe(200)
    for (const _ of ['once', 'twice'])
      expect((await api.call('POST', `/api/v1/access-keys/${body.id}/hash`)).status).toBe(204)
    expect(await readKey(body.id)).toMatchObject({ secret_sealed: null })
    expect((await api.call('GET', '/api/v1/whoami', undefined, basic(body))).status).toBe(200)
    expect((await ask()).status).toBe(403)
    const { body: listed } = await api.call('GET', '/api/v1/access-keys')
    expect(listed.items.find(({ id }: { id: string }) => id === body.id)).toMatchObject({ kind: 'native' })
    expect((await api.call('POST', '/api/v1/access-keys/ak-none/hash')).body.code).toBe('AccessKeyNotFound')
  })

  test('the secret of a key for the OOS API is encrypted in the database, for its own row only', async () => {
    const { body } = await api.call('POST', '/api/v1/access-keys', { kind: 'oos' })
    const { secret_sealed: sealed, secret_hash: hash } = await readKey(body.id)
    expect(hash).toBeNull()
    expect(sealed!.includes(body.secret)).toBe(false)
    const box = createSecretBox(Buffer.alloc(32, 7))
    expect(box.open(sealed!, `access-key/${body.id}`).toString()).toBe(body.secret)
    expect(() => box.open(sealed!, 'access-key/other')).toThrow('cannot be opened')
  })
})

test('servers that start together create a single first key', async () => {
  const fresh = await startTestDatabase()
  const context = {
    database: fresh.database,
    secrets: createSecretBox(Buffer.alloc(32)),
    digests: createSecretDigests(Buffer.alloc(32)),
    random: (size: number) => crypto.getRandomValues(new Uint8Array(size)),
    clock: api.clock,
  }
  const results = await Promise.all([bootstrap(context), bootstrap(context), bootstrap(context)])
  const made = results.filter(({ created }) => created !== undefined)
  expect(made).toHaveLength(1)
  expect(made[0]?.created).toMatchObject({ generated: true, id: expect.stringMatching(/^ak-/) })
  expect(await fresh.database.selectFrom('access_keys').selectAll().execute()).toHaveLength(1)
  await fresh.stop()
})

test('the audit log lists actor, action and resource, newest first, in pages', async () => {
  await api.call('POST', '/api/v1/join-tokens', { uses: 3, tags: { env: 'test' } })
  const { body: token } = await api.call('POST', '/api/v1/join-tokens', {})
  await api.call('DELETE', `/api/v1/join-tokens/${token.id}`)
  const { body } = await api.call('GET', '/api/v1/audit-log?maxResults=2')
  expect(body.items).toMatchObject([
    { actor: 'admin', source: '127.0.0.1', action: 'RevokeJoinToken', resource: `join-token/${token.id}` },
    { actor: 'admin', source: '127.0.0.1', action: 'CreateJoinToken', resource: `join-token/${token.id}` },
  ])
  const next = await api.call('GET', `/api/v1/audit-log?maxResults=1&nextToken=${body.nextToken}`)
  expect(next.body.items).toMatchObject([{ action: 'CreateJoinToken', detail: { uses: 3, tags: { env: 'test' } } }])
  const failed = await api.call('DELETE', `/api/v1/join-tokens/${token.id}`)
  expect([failed.status, failed.body.code]).toEqual([404, 'JoinTokenNotFound'])
  expect((await api.call('GET', '/api/v1/audit-log?maxResults=1')).body.items[0].id).toBe(body.items[0].id)
})
