import { generateKeyPairSync } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { makeFacts } from '../../make-instance.ts'
import { startTestDatabase, type TestDatabase } from '../database/postgres.ts'
import { makeEnrolment, startTestApi, type TestApi } from './test-api.ts'

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
  await db.database.deleteFrom('instances').execute()
  await db.database.deleteFrom('join_tokens').execute()
})

const createToken = async (input: object = {}) => (await api.call('POST', '/api/v1/join-tokens', input)).body
const enrol = (body: object) => api.call('POST', '/agent/v1/enrol', body, null)
const listTokens = async () => (await api.call('GET', '/api/v1/join-tokens')).body.items
const countInstances = async () => (await api.call('GET', '/api/v1/instances')).body.items.length

describe('join tokens', () => {
  test('the text is shown once; the stored form cannot be used', async () => {
    const token = await createToken({ uses: 2, ttlMs: 60_000, tags: { env: 'prod' }, resourceGroup: 'web' })
    expect(token).toMatchObject({
      token: expect.stringMatching(/^ct_[\w-]{43}$/),
      uses: 2,
      usesLeft: 2,
      expiresAt: '2026-01-01T00:01:00.000Z',
      createdAt: '2026-01-01T00:00:00.000Z',
      tags: { env: 'prod' },
      resourceGroup: 'web',
    })
    expect(await listTokens()).toEqual([{ ...token, token: undefined }])
    const rows = await db.pool.query('select * from join_tokens')
    expect(JSON.stringify(rows.rows)).not.toContain(token.token)
  })

  test('are listed in pages, also with equal timestamps', async () => {
    const made = await Promise.all(Array.from({ length: 5 }, () => createToken()))
    const ids: string[] = []
    let next = ''
    do {
      const { body } = await api.call('GET', `/api/v1/join-tokens?maxResults=2${next}`)
      ids.push(...body.items.map(({ id }: { id: string }) => id))
      next = body.nextToken ? `&nextToken=${body.nextToken}` : ''
    } while (next)
    expect(new Set(ids)).toEqual(new Set(made.map(({ id }) => id)))
  })
})

describe('enrolment', () => {
  test('a token and a key create an instance; tags of the token override those of the agent', async () => {
    const { token } = await createToken({ tags: { env: 'prod' }, allowedTags: ['env', 'rack'], resourceGroup: 'web' })
    const facts = makeFacts({ cloud: { region: 'eu-central-1' } })
    const { status, body } = await enrol(makeEnrolment(token, { tags: { env: 'dev', rack: '7' }, facts }))
    expect(status).toBe(200)
    const { body: instance } = await api.call('GET', `/api/v1/instances/${body.instanceId}`)
    expect(instance).toEqual({
      id: body.instanceId,
      name: 'web-1',
      status: 'offline',
      facts,
      tags: { env: 'prod', rack: '7' },
      resourceGroup: 'web',
      admission: 'admitted',
      ready: true,
      role: 'ExtensionInstance',
      enrolledAt: '2026-01-01T00:00:00.000Z',
      installed: [],
      broken: [],
      drift: [],
    })
    const { body: audit } = await api.call('GET', '/api/v1/audit-log?maxResults=1')
    expect(audit.items).toMatchObject([
      { action: 'EnrolInstance', resource: `instance/${body.instanceId}`, detail: { name: 'web-1' } },
    ])
  })

  test('the same key again is the same instance, consumes no use, and works after the last use', async () => {
    const { token } = await createToken({ uses: 1 })
    const keys = generateKeyPairSync('ed25519')
    const answers = await Promise.all(Array.from({ length: 5 }, () => enrol(makeEnrolment(token, {}, keys))))
    expect(new Set(answers.map(({ body }) => body.instanceId)).size).toBe(1)
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
    expect(await listTokens()).toMatchObject([{ usesLeft: 0 }])
    expect(await countInstances()).toBe(1)
  })

  test('twenty agents at once get exactly the five available uses, and the others leave nothing behind', async () => {
    const { token } = await createToken({ uses: 5 })
    const answers = await Promise.all(Array.from({ length: 20 }, () => enrol(makeEnrolment(token))))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(5)
    const refused = answers.filter(({ status }) => status !== 200)
    expect(new Set(refused.map(({ body }) => body.code))).toEqual(new Set(['JoinTokenUsedUp']))
    expect(refused[0]?.body.detail).toContain('its limit of 5 uses')
    expect(await countInstances()).toBe(5)
    expect(await listTokens()).toMatchObject([{ uses: 5, usesLeft: 0 }])
  })

  test('unknown, revoked and expired tokens have different errors', async () => {
    expect((await enrol(makeEnrolment('ct_nobody'))).body).toMatchObject({ status: 401, code: 'JoinTokenInvalid' })
    const revoked = await createToken()
    await api.call('DELETE', `/api/v1/join-tokens/${revoked.id}`)
    expect((await enrol(makeEnrolment(revoked.token))).body).toMatchObject({ status: 401, code: 'JoinTokenRevoked' })
    expect(await listTokens()).toEqual([])
    const expired = await createToken({ ttlMs: 1_000 })
    await api.clock.advance(1_000)
    expect((await enrol(makeEnrolment(expired.token))).body).toMatchObject({
      status: 401,
      code: 'JoinTokenExpired',
      detail: 'The join token expired at 2026-01-01T00:00:01.000Z.',
      next: expect.stringContaining('chandler token create'),
    })
    expect(await countInstances()).toBe(0)
  })

  test('a key without proof of possession is refused', async () => {
    const { token } = await createToken()
    const theirs = makeEnrolment(token)
    const mine = makeEnrolment(token)
    const forged = await enrol({ ...theirs, proof: mine.proof })
    expect(forged.body).toMatchObject({ status: 401, code: 'AgentProofInvalid' })
    const { token: other } = await createToken()
    expect((await enrol({ ...theirs, token: other })).body.code).toBe('AgentProofInvalid')
    expect((await enrol({ ...theirs, publicKey: Buffer.alloc(32).toString('base64') })).body.code).toBe(
      'AgentProofInvalid',
    )
    expect(await countInstances()).toBe(0)
  })

  test('a removed instance stays removed: its key is refused', async () => {
    const { token } = await createToken()
    const keys = generateKeyPairSync('ed25519')
    const { body } = await enrol(makeEnrolment(token, {}, keys))
    await api.call('DELETE', `/api/v1/instances/${body.instanceId}`)
    expect((await enrol(makeEnrolment(token, {}, keys))).body).toMatchObject({
      status: 403,
      code: 'InstanceRemoved',
      next: expect.stringContaining('new instance'),
    })
  })

  test('a key of one account cannot enrol into another', async () => {
    const { token } = await createToken()
    const keys = generateKeyPairSync('ed25519')
    await enrol(makeEnrolment(token, {}, keys))
    await db.database.insertInto('accounts').values({ id: 'other', name: 'other' }).execute()
    const { token: theirs, id } = await createToken()
    await db.database.updateTable('join_tokens').set({ account_id: 'other' }).where('id', '=', id).execute()
    expect((await enrol(makeEnrolment(theirs, {}, keys))).body.code).toBe('AgentProofInvalid')
  })

  test.each([
    [
      'more tags than an instance has',
      { tags: Object.fromEntries(Array.from({ length: 33 }, (_, n) => [`t${n}`, ''])) },
      'tags',
    ],
    ['facts without an OS', { facts: {} }, 'facts.os'],
    ['a name that is too long', { name: 'x'.repeat(129) }, 'name'],
    ['a NUL in its name', { name: 'a\0b' }, undefined],
    ['a field that nobody knows', { admin: true }, 'admin'],
    ['a key that is too short', { publicKey: 'AAAA' }, 'publicKey'],
    ['a key of 31 bytes', { publicKey: Buffer.alloc(31).toString('base64') }, 'publicKey'],
    ['a key of 33 bytes', { publicKey: Buffer.alloc(33).toString('base64') }, 'publicKey'],
  ])('%s is refused, naming the place', async (_, fields, path) => {
    const { token } = await createToken()
    const { status, body } = await enrol(makeEnrolment(token, fields))
    expect(status).toBe(400)
    if (path) expect(body.problems.map((problem: { path: string }) => problem.path)).toContain(path)
    expect(await countInstances()).toBe(0)
  })

  test('tags of agent and token together', async () => {
    const many = (prefix: string) => Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`${prefix}${n}`, '']))
    const { token } = await createToken({ tags: many('a') })
    expect((await enrol(makeEnrolment(token, { tags: many('b') }))).body).toMatchObject({
      status: 400,
      code: 'TagsInvalid',
    })
  })
})
