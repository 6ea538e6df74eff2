import { randomBytes } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { AccountId } from '../../../src/core/id.ts'
import { renderPageToken } from '../../../src/server/api/http/page-token.ts'
import { createAccessKey } from '../../../src/server/app/access/key/create-access-key.ts'
import { createSecretBox } from '../../../src/server/boot/keys.ts'
import { createSecretDigests } from '../../../src/server/boot/secret-digests.ts'
import { lockOrInsertAccount } from '../../../src/store/access/accounts.ts'
import { startTestDatabase, type TestDatabase } from '../database/postgres.ts'
import { basic, makeEnrolment, startTestApi, type TestApi } from './test-api.ts'

let db: TestDatabase
let api: TestApi
let executionId: string
let instanceId: string

beforeAll(async () => {
  db = await startTestDatabase()
})
afterAll(() => db.stop())
beforeEach(async () => {
  api = await startTestApi(db.database)
  const { body: token } = await api.call('POST', '/api/v1/join-tokens', {})
  instanceId = (await api.call('POST', '/agent/v1/enrol', makeEnrolment(token.token), null)).body.instanceId
  await api.call('POST', '/api/v1/extensions', {
    name: 'demo',
    configurations: [{ os: 'linux', scripts: { install: 'true' } }],
  })
  const { body } = await api.call('POST', '/api/v1/executions', {
    action: 'install',
    extension: 'demo',
    targets: { kind: 'all' },
  })
  executionId = body.id
})
afterEach(async () => {
  await api.close()
  for (const table of ['executions', 'instances', 'extension_versions', 'extensions'] as const)
    await db.database.deleteFrom(table).execute()
})

/** Another account's key. */
async function makeStranger(): Promise<string> {
  const accountId = 'stranger' as AccountId
  await lockOrInsertAccount(db.database, { id: accountId, name: accountId })
  await db.database
    .insertInto('users')
    .values({ account_id: accountId, name: 'admin' })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  const context = {
    database: db.database,
    secrets: createSecretBox(Buffer.alloc(32, 7)),
    digests: createSecretDigests(Buffer.alloc(32, 7)),
    random: randomBytes,
    clock: api.clock,
  }
  return basic(
    await createAccessKey(
      context,
      { accountId, name: 'admin', source: 'test', policies: 'everything' as const },
      { kind: 'native', description: '' },
    ),
  )
}

describe('another account', () => {
  test('finds nothing by the ids of this one, on any route', async () => {
    const stranger = await makeStranger()
    const execution = `/api/v1/executions/${executionId}`
    const requests: [method: string, path: string, body?: unknown][] = [
      ['GET', execution],
      ['DELETE', execution],
      ['POST', `${execution}/pause`],
      ['POST', `${execution}/resume`],
      ['POST', `${execution}/cancel`],
      ['POST', `${execution}/complete`],
      ['PATCH', execution, { description: 'mine' }],
      ['POST', `${execution}/tasks/${instanceId}/run`],
      ['POST', `${execution}/tasks/${instanceId}/cancel`],
      ['POST', `${execution}/retry`, {}],
      ['GET', `${execution}/tasks`],
      ['GET', `${execution}/tasks/${instanceId}`],
      ['POST', `${execution}/tasks/${instanceId}/retry`],
      ['POST', `${execution}/tasks/${instanceId}/skip`],
      ['GET', `${execution}/output`],
      ['GET', `${execution}/output/follow`],
      ['GET', `${execution}/events`],
      ['GET', `/api/v1/instances/${instanceId}`],
      ['PATCH', `/api/v1/instances/${instanceId}`, { name: 'mine' }],
      ['DELETE', `/api/v1/instances/${instanceId}?force=true`],
      ['GET', '/api/v1/extensions/demo'],
      ['DELETE', '/api/v1/extensions/demo?force=true'],
    ]
    for (const [method, path, body] of requests) {
      const answer = await api.call(method, path, body, stranger)
      expect([path, answer.status]).toEqual([path, 404])
    }
    expect((await api.call('GET', '/api/v1/executions', undefined, stranger)).body).toEqual({ items: [] })
    expect((await api.call('GET', execution)).body).toMatchObject({ status: 'Started' })
  })
})

describe('a query', () => {
  test.each([
    ['of executions', '', 'extention=demo'],
    ['of tasks', '/tasks', 'state=Failed'],
    ['of output', '/output', 'instance=i-1'],
    ['of events', '/events', 'since=1'],
  ])('%s with a misspelt field is refused', async (_, path, query) => {
    const base = path === '' ? '/api/v1/executions' : `/api/v1/executions/${executionId}${path}`
    expect(await api.call('GET', `${base}?${query}`)).toMatchObject({ status: 400, body: { code: 'RequestInvalid' } })
  })

  test('for tasks without an instance is refused', async () => {
    const answer = await api.call('GET', `/api/v1/executions/${executionId}/tasks?instanceId=`)
    expect(answer.status).toBe(400)
  })

  test.each([
    ['/api/v1/executions', ['yesterday', 'exec-1']],
    ['/api/v1/executions', ['2026-01-01T00:00:00.000Z', 'a\0b']],
    ['/api/v1/executions', [1, 2]],
    ['tasks', [1.5]],
    ['tasks', [1e300]],
    ['output', [1, 1, 'yesterday', 1, 0]],
    ['output', [1, 1, '2026-01-01T00:00:00.000Z', 7, 1e300]],
    ['/api/v1/instances', ['a', 7]],
  ])('of %s with a forged page token %j is refused', async (path, place) => {
    const base = path.startsWith('/') ? path : `/api/v1/executions/${executionId}/${path}`
    const answer = await api.call('GET', `${base}?nextToken=${renderPageToken(place)}`)
    expect(answer).toMatchObject({ status: 400, body: { code: 'RequestInvalid' } })
  })

  test.each(['a%20b', '..%2f..', '%27;drop', '%F0%9F%92%A9', 'x'.repeat(65), '__proto__', '%25'])(
    'for an execution named %s finds nothing',
    async (id) => {
      const { status } = await api.call('GET', `/api/v1/executions/${id}`)
      expect([400, 404]).toContain(status)
    },
  )
})

describe('description and tags of an execution', () => {
  const list = async (query: string) =>
    (await api.call('GET', `/api/v1/executions?${query}`)).body.items.map(({ id }: { id: string }) => id)

  test('are shown, changed, and searchable', async () => {
    const { body } = await api.call('POST', '/api/v1/executions', {
      action: 'install',
      extension: 'demo',
      targets: { kind: 'all' },
      tags: { team: 'a', env: 'prod' },
      resourceGroup: 'rg',
      parentExecutionId: executionId,
    })
    expect(body).toMatchObject({
      tags: { team: 'a', env: 'prod' },
      resourceGroup: 'rg',
      parentExecutionId: executionId,
    })
    expect(await list('tag=team%3Da,env%3Dprod')).toEqual([body.id])
    expect(await list('tag=team%3Da,env%3Dtest')).toEqual([])
    expect(await list(`parentExecutionId=${executionId}`)).toEqual([body.id])
    expect(await list('resourceGroup=rg')).toEqual([body.id])
    expect(await list(`instanceId=${instanceId}`)).toEqual([body.id, executionId])
    const patch = { tags: { team: 'b' }, description: 'for b' }
    const changed = await api.call('PATCH', `/api/v1/executions/${body.id}`, patch)
    expect(changed.body).toMatchObject({ ...patch, resourceGroup: 'rg', revision: body.revision + 1 })
    expect(await list('tag=team%3Db')).toEqual([body.id])
    const { body: audit } = await api.call('GET', '/api/v1/audit-log?maxResults=1')
    expect(audit.items[0]).toMatchObject({ action: 'UpdateExecution', resource: `execution/${body.id}` })
  })

  test.each([
    ['a parent that is not there', { parentExecutionId: 'exec-nothing' }, 404],
    ['a tag without a name', { tags: { '': 'x' } }, 400],
    ['tags that are no texts', { tags: { a: 1 } }, 400],
  ])('%s is refused', async (_, fields, status) => {
    const request = { action: 'install', extension: 'demo', targets: { kind: 'all' }, ...fields }
    expect((await api.call('POST', '/api/v1/executions', request)).status).toBe(status)
  })

  test.each([
    ['extension=nope', 'ExtensionNotFound'],
    ['resourceGroup=nope', 'ResourceGroupNotFound'],
    ['parentExecutionId=exec-nope', 'ExecutionNotFound'],
    ['instanceId=i-nope', 'InstanceNotFound'],
  ])('a filter that names a missing resource is refused: %s', async (query, code) => {
    const { status, body } = await api.call('GET', `/api/v1/executions?${query}`)
    expect([status, body.code]).toEqual([404, code])
  })

  test('a filter that is not a tag is refused', async () => {
    expect((await api.call('GET', '/api/v1/executions?tag=,')).status).toBe(400)
  })
})

test('a task of an execution is cancelled alone; only Debug mode allows naming one or completing all', async () => {
  const path = `/api/v1/executions/${executionId}`
  expect((await api.call('POST', `${path}/tasks/${instanceId}/run`)).status).toBe(409)
  expect((await api.call('POST', `${path}/complete`)).status).toBe(409)
  const { body } = await api.call('POST', `${path}/tasks/${instanceId}/cancel`)
  expect(body).toMatchObject({ status: 'Cancelled', reasonCode: 'CancelledByUser' })
  expect((await api.call('POST', `${path}/tasks/${instanceId}/cancel`)).status).toBe(409)
})
