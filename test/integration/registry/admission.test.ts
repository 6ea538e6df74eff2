import { generateKeyPairSync } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { InstanceId, ServerId } from '../../../src/core/id.ts'
import { connectInstances } from '../../../src/store/instance/agent-sessions.ts'
import { updateHeartbeat } from '../../../src/store/server/servers.ts'
import { makeFacts } from '../../make-instance.ts'
import { startTestDatabase, type TestDatabase } from '../database/postgres.ts'
import { makeEnrolment, startTestApi, type TestApi } from './test-api.ts'

const server = 'server-1' as ServerId
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
const listInstances = async (filter = '') => (await api.call('GET', `/api/v1/instances${filter}`)).body.items
const plan = (targets: object) =>
  api.call('POST', '/api/v1/plans', {
    operation: { kind: 'command', type: 'RunShellScript', content: 'true' },
    targets,
  })

async function connect(id: string): Promise<void> {
  await updateHeartbeat(db.database, server, 'here')
  await connectInstances(db.database, server, [{ id: id as InstanceId, facts: makeFacts() }])
}

describe('fields that a joining agent sends', () => {
  test.each([
    ['no tag, if the token names none', {}, { env: 'prod' }, 'env'],
    ['none but those that the token names', { allowedTags: ['rack'] }, { rack: '7', env: 'prod' }, 'env'],
    ['no other value of a tag that the token sets', { tags: { env: 'dev' } }, { env: 'prod' }, 'env'],
  ])('%s', async (_, input, tags, key) => {
    const { token } = await createToken(input)
    expect((await enrol(makeEnrolment(token, { tags }))).body).toMatchObject({
      status: 403,
      code: 'TagNotAllowed',
      detail: `The join token does not allow the agent to set the tag "${key}".`,
    })
    expect(await listInstances()).toEqual([])
    // The refusal did not use up the token: the agent may retry without the tag.
    expect((await enrol(makeEnrolment(token))).status).toBe(200)
  })

  test('a tag that the token allows, and the token sets it, too', async () => {
    const { token, ...made } = await createToken({ tags: { env: 'prod' }, allowedTags: ['rack', 'rack'] })
    expect(made).toMatchObject({ allowedTags: ['rack'], uses: 1 })
    expect((await enrol(makeEnrolment(token, { tags: { env: 'prod', rack: '7' } }))).status).toBe(200)
    expect(await listInstances()).toMatchObject([{ tags: { env: 'prod', rack: '7' } }])
  })

  test('the name of an online instance is refused, and nothing is left behind', async () => {
    const { token } = await createToken({ uses: 3 })
    const { body: first } = await enrol(makeEnrolment(token))
    await connect(first.instanceId)
    const keys = generateKeyPairSync('ed25519')
    expect((await enrol(makeEnrolment(token, {}, keys))).body).toMatchObject({
      status: 409,
      code: 'InstanceNameTaken',
      detail: `Instance ${first.instanceId} with the name "web-1" is online.`,
    })
    expect(await listInstances()).toHaveLength(1)
    expect((await enrol(makeEnrolment(token, { name: 'web-2' }, keys))).status).toBe(200)
  })

  test('a replaced server gets the name; a request by this name is ambiguous', async () => {
    const { token } = await createToken({ uses: 2 })
    const { body: gone } = await enrol(makeEnrolment(token))
    const { body: here } = await enrol(makeEnrolment(token))
    const { status, body } = await plan({ kind: 'names', names: ['web-1'] })
    expect([status, body.code]).toEqual([400, 'TargetsAmbiguous'])
    expect(body.detail).toContain(gone.instanceId)
    expect(body.detail).toContain(here.instanceId)
    await api.call('DELETE', `/api/v1/instances/${gone.instanceId}`)
    expect((await plan({ kind: 'names', names: ['web-1'] })).body.targets).toMatchObject([
      { instanceId: here.instanceId },
    ])
  })
})

test('guessing tokens is slowed down, and agents with a token can still join', async () => {
  const statuses: number[] = []
  for (let guess = 0; guess < 25; guess++) statuses.push((await enrol(makeEnrolment(`ct_${guess}`))).status)
  expect(statuses.slice(0, 20).every((status) => status === 401)).toBe(true)
  expect(statuses.slice(20).every((status) => status === 429)).toBe(true)
  const { token } = await createToken()
  expect((await enrol(makeEnrolment(token))).status).toBe(200)
})

describe('an instance that waits for approval', () => {
  async function join(): Promise<string> {
    const { token } = await createToken({ approve: true })
    const { body } = await enrol(makeEnrolment(token))
    expect(body.isPending).toBe(true)
    await connect(body.instanceId)
    return body.instanceId
  }
  const overview = async () => (await api.call('GET', '/api/v1/overview')).body

  test('is shown as such, is counted nowhere as online, and is not a target', async () => {
    const id = await join()
    expect(await listInstances('?filter=admission%3Dpending')).toMatchObject([
      { id, admission: 'pending', status: 'offline' },
    ])
    expect(await listInstances('?status=online')).toEqual([])
    const { instances, attention } = await overview()
    expect(instances).toMatchObject({ total: 0, online: 0, offline: 0, pending: 1, quarantined: 0 })
    expect(attention.pending).toMatchObject([
      {
        instanceId: id,
        reason: expect.stringContaining('It joined with'),
        reasonMessages: [{ code: 'JoinedWithToken', arguments: { address: '127.0.0.1' } }],
      },
    ])
    expect((await api.call('GET', `/api/v1/instances/${id}`)).body).toMatchObject({
      admissionReason: expect.stringMatching(/^It joined with \S+, from 127\.0\.0\.1\.$/),
      admissionReasonMessages: [{ code: 'JoinedWithToken' }],
    })
    expect((await plan({ kind: 'all' })).body.code).toBe('TargetsEmpty')
    expect((await plan({ kind: 'ids', ids: [id] })).body).toMatchObject({ status: 400, code: 'TargetsNotApproved' })
  })

  test('cannot make the name of an approved instance ambiguous', async () => {
    const { token } = await createToken()
    const { body: approved } = await enrol(makeEnrolment(token))
    const id = await join()
    const { status, body } = await plan({ kind: 'names', names: ['web-1'] })
    expect([status, body.targets]).toMatchObject([200, [{ instanceId: approved.instanceId }]])
    await api.call('DELETE', `/api/v1/instances/${approved.instanceId}`)
    expect((await plan({ kind: 'names', names: ['web-1'] })).body).toMatchObject({
      code: 'TargetsNotApproved',
      detail: expect.stringContaining(id),
    })
  })

  test('is online at once after its approval, and a target like any other', async () => {
    const id = await join()
    const { body } = await api.call('POST', `/api/v1/instances/${id}/approve`)
    expect(body).toMatchObject({ id, admission: 'admitted', status: 'online' })
    expect((await plan({ kind: 'all' })).body.targets).toMatchObject([{ instanceId: id, step: 'run' }])
    expect((await overview()).instances).toMatchObject({ total: 1, online: 1, pending: 0 })
    const again = await api.call('POST', `/api/v1/instances/${id}/approve`)
    expect([again.status, again.body.code]).toEqual([409, 'InstanceNotPending'])
    const { body: audit } = await api.call('GET', '/api/v1/audit-log?maxResults=1')
    expect(audit.items).toMatchObject([{ action: 'ApproveInstance', resource: `instance/${id}` }])
  })

  test('is removed after its rejection, and its key is refused', async () => {
    const id = await join()
    expect((await api.call('POST', `/api/v1/instances/${id}/reject`)).status).toBe(204)
    expect(await listInstances()).toEqual([])
    expect((await api.call('POST', `/api/v1/instances/${id}/approve`)).status).toBe(404)
  })

  test('an admitted one cannot be rejected or released', async () => {
    const { token } = await createToken()
    const { body } = await enrol(makeEnrolment(token))
    const codes = ['reject', 'release'].map(
      async (verb) => (await api.call('POST', `/api/v1/instances/${body.instanceId}/${verb}`)).body.code,
    )
    expect(await Promise.all(codes)).toEqual(['InstanceNotPending', 'InstanceNotQuarantined'])
  })
})
