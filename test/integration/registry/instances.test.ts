import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { ServerId } from '../../../src/core/id.ts'
import { connectInstances } from '../../../src/store/instance/agent-sessions.ts'
import { deleteServer, updateHeartbeat } from '../../../src/store/server/servers.ts'
import { makeFacts } from '../../make-instance.ts'
import { startTestDatabase, type TestDatabase } from '../database/postgres.ts'
import { makeEnrolment, startTestApi, type TestApi } from './test-api.ts'

let db: TestDatabase
let api: TestApi
const server = 'server-1' as ServerId

beforeAll(async () => {
  db = await startTestDatabase()
})
afterAll(() => db.stop())
beforeEach(async () => {
  api = await startTestApi(db.database)
})
afterEach(async () => {
  await api.close()
  for (const table of ['installed_states', 'instances', 'extension_versions', 'extensions', 'servers'] as const)
    await db.database.deleteFrom(table).execute()
})

async function enrolAll(...instances: { name: string; tags?: object }[]): Promise<string[]> {
  const { body: token } = await api.call('POST', '/api/v1/join-tokens', {
    uses: 'unlimited',
    allowedTags: ['env', 'tier', 'rack'],
  })
  const ids: string[] = []
  for (const fields of instances)
    ids.push((await api.call('POST', '/agent/v1/enrol', makeEnrolment(token.token, fields), null)).body.instanceId)
  return ids
}

const list = async (query = '') => (await api.call('GET', `/api/v1/instances${query}`)).body
const names = async (query = '') => (await list(query)).items.map(({ name }: { name: string }) => name)

async function install(instanceId: string, extension: string, version: number, status = 'installed') {
  const { id } = await db.database
    .selectFrom('extensions')
    .select('id')
    .where('name', '=', extension)
    .executeTakeFirstOrThrow()
  await db.database
    .insertInto('installed_states')
    .values({
      instance_id: instanceId,
      extension_id: id,
      account_id: 'default',
      status,
      version,
      configuration_id: 'c1',
      parameters_digest: '0'.repeat(64),
      execution_id: 'exec-1',
    })
    .execute()
}
const createExtension = (name: string) =>
  api.call('POST', '/api/v1/extensions', { name, configurations: [{ os: 'linux', scripts: { install: 'true' } }] })

describe('list', () => {
  test('in the order of names, in pages that neither overlap nor omit any', async () => {
    await enrolAll(...['d', 'b', 'a', 'c', 'b'].map((name) => ({ name })))
    const first = await list('?maxResults=2')
    expect(first.items.map(({ name }: { name: string }) => name)).toEqual(['a', 'b'])
    const second = await list(`?maxResults=2&nextToken=${first.nextToken}`)
    expect(second.items.map(({ name }: { name: string }) => name)).toEqual(['b', 'c'])
    const third = await list(`?maxResults=2&nextToken=${second.nextToken}`)
    expect(third).toMatchObject({ items: [{ name: 'd' }] })
    expect(third.nextToken).toBeUndefined()
    expect((await list('?maxResults=5')).nextToken).toBeUndefined()
  })

  test('by selector', async () => {
    const [a] = await enrolAll(
      { name: 'a', tags: { env: 'prod', tier: 'web' } },
      { name: 'b', tags: { env: 'prod' } },
      { name: 'c', tags: { env: 'dev' } },
    )
    await api.call('PATCH', `/api/v1/instances/${a}`, { resourceGroup: 'shop' })
    expect(await names('?targets=tag:env=prod')).toEqual(['a', 'b'])
    expect(await names('?targets=tag:env=prod,tier=web')).toEqual(['a'])
    expect(await names(`?targets=id:${a}`)).toEqual(['a'])
    expect(await names('?targets=name:b,c')).toEqual(['b', 'c'])
    expect(await names('?targets=resource-group:shop')).toEqual(['a'])
    expect(await names('?targets=all')).toEqual(['a', 'b', 'c'])
  })

  test('by a part of the name; SQL special characters are literal', async () => {
    await enrolAll({ name: 'Web-1' }, { name: 'web_2' }, { name: 'db%3' })
    expect(await names('?name=WEB')).toEqual(['Web-1', 'web_2'])
    expect(await names('?name=_')).toEqual(['web_2'])
    expect(await names('?name=%25')).toEqual(['db%3'])
    expect(await names('?name=%5C')).toEqual([])
  })

  test('by installed extension', async () => {
    const [a, b, c] = (await enrolAll({ name: 'a' }, { name: 'b' }, { name: 'c' })) as [string, string, string]
    await createExtension('demo')
    await install(a, 'demo', 1)
    await install(b, 'demo', 2)
    await install(c, 'demo', 2, 'broken')
    expect(await names('?extension=demo')).toEqual(['a', 'b'])
    expect(await names('?extension=demo&version=v2')).toEqual(['b'])
    const { items } = await list()
    expect(items[1]).toMatchObject({
      installed: [{ extension: 'demo', version: 'v2', configurationId: 'c1', executionId: 'exec-1' }],
      broken: [],
    })
    expect(items[2]).toMatchObject({ installed: [], broken: [{ extension: 'demo', version: 'v2' }] })
    expect((await api.call('GET', '/api/v1/extensions/demo')).body.installedOn).toEqual({ v1: 1, v2: 1 })
  })

  test.each([
    ['?targets=nonsense', 'SelectorInvalid', undefined],
    ['?targets=tag:', 'SelectorInvalid', undefined],
    ['?extension=none', 'ExtensionNotFound', undefined],
    ['?version=v1', 'RequestInvalid', undefined],
    ['?status=asleep', 'RequestInvalid', 'query.status'],
    ['?maxResults=0', 'RequestInvalid', 'query.maxResults'],
    ['?maxResults=1001', 'RequestInvalid', 'query.maxResults'],
    ['?nextToken=xyz', 'RequestInvalid', undefined],
    ['?nextToken=WzFd', 'RequestInvalid', undefined],
    ['?colour=red', 'RequestInvalid', 'query.colour'],
    ['?name=a&name=b', 'RequestInvalid', 'query.name'],
    ['?name=%00', 'RequestInvalid', undefined],
  ])('%s is refused as %s', async (query, code, path) => {
    const { body } = await api.call('GET', `/api/v1/instances${query}`)
    expect(body.code).toBe(code)
    if (path) expect(body.problems).toMatchObject([{ path }])
  })
})

describe('online', () => {
  test('is an instance that is connected to a server with a current heartbeat', async () => {
    const [a, b] = (await enrolAll({ name: 'a' }, { name: 'b' })) as [string, string]
    expect(await names('?status=online')).toEqual([])
    await updateHeartbeat(db.database, server, 'host')
    await connectInstances(db.database, server, [{ id: a as never, facts: makeFacts({ cpus: 64 }) }])
    expect(await names('?status=online')).toEqual(['a'])
    expect(await names('?status=offline')).toEqual(['b'])
    const { body } = await api.call('GET', `/api/v1/instances/${a}`)
    expect(body).toMatchObject({ status: 'online', facts: { cpus: 64 }, lastSeenAt: expect.any(String) })
    expect((await api.call('GET', `/api/v1/instances/${b}`)).body.status).toBe('offline')

    await db.pool.query(`update servers set heartbeat_at = now() - interval '91 seconds'`)
    expect(await names('?status=online')).toEqual([])
    await updateHeartbeat(db.database, server, 'host')
    expect(await names('?status=online')).toEqual(['a'])
    await deleteServer(db.database, server)
    expect(await names('?status=offline')).toEqual(['a', 'b'])
  })
})

describe('change and remove', () => {
  test('users change only user-defined fields', async () => {
    const [id] = await enrolAll({ name: 'a', tags: { env: 'dev', rack: '1' } })
    const { body } = await api.call('PATCH', `/api/v1/instances/${id}`, { name: 'renamed', tags: { env: 'prod' } })
    expect(body).toMatchObject({ name: 'renamed', tags: { env: 'prod' }, resourceGroup: '' })
    expect((await api.call('PATCH', `/api/v1/instances/${id}`, {})).body).toMatchObject({
      name: 'renamed',
      tags: { env: 'prod' },
    })
    expect((await api.call('PATCH', `/api/v1/instances/${id}`, { tags: {} })).body.tags).toEqual({})
    const refused = await api.call('PATCH', `/api/v1/instances/${id}`, { facts: {}, tags: { '': 'x' } })
    expect(refused.status).toBe(400)
    expect(refused.body.problems.map(({ path }: { path: string }) => path)).toContain('facts')
  })

  test('a removed instance is gone, with its installed state', async () => {
    const [id] = (await enrolAll({ name: 'a' })) as [string]
    await createExtension('demo')
    await install(id, 'demo', 1)
    expect((await api.call('DELETE', `/api/v1/instances/${id}`)).status).toBe(204)
    expect(await names()).toEqual([])
    for (const method of ['GET', 'DELETE', 'PATCH']) {
      const { status, body } = await api.call(method, `/api/v1/instances/${id}`, method === 'PATCH' ? {} : undefined)
      expect([method, status, body.code]).toEqual([method, 404, 'InstanceNotFound'])
    }
    expect((await api.call('DELETE', '/api/v1/extensions/demo')).status).toBe(204)
  })

  test('one that runs a task is not removed, unless forced; the execution is woken', async () => {
    const [id] = (await enrolAll({ name: 'a' })) as [string]
    await db.pool.query(
      `insert into executions (id, account_id, request_digest, operation, extension_id, targets, rate_control, mode, delivery_timeout_ms, created_by, status, reason_code, reason, task_count)
       values ('exec-1', 'default', '', '{}', 'ext-1', '{}', '{}', 'Automatic', 1, 'x', 'Running', '', '', 1)`,
    )
    await db.pool.query(`insert into mutation_locks values ('${id}', 'ext-1', 'exec-1', 1)`)
    const refused = await api.call('DELETE', `/api/v1/instances/${id}`)
    expect(refused.body).toMatchObject({ status: 409, code: 'InstanceBusy', detail: expect.stringContaining('exec-1') })
    expect(await names()).toEqual(['a'])
    expect((await api.call('DELETE', `/api/v1/instances/${id}?force=true`)).status).toBe(204)
    expect(api.poked).toEqual(['exec-1'])
    await db.pool.query('delete from executions')
  })

  test('another account sees none of it', async () => {
    const [id] = await enrolAll({ name: 'a' })
    await db.database.insertInto('accounts').values({ id: 'other', name: 'other' }).execute()
    await db.database.insertInto('users').values({ account_id: 'other', name: 'admin' }).execute()
    await db.database.updateTable('access_keys').set({ account_id: 'other' }).execute()
    await api.clock.advance(60_000)
    expect((await list()).items).toEqual([])
    expect((await api.call('GET', `/api/v1/instances/${id}`)).status).toBe(404)
    expect((await api.call('PATCH', `/api/v1/instances/${id}`, { name: 'mine' })).status).toBe(404)
    expect((await api.call('DELETE', `/api/v1/instances/${id}`)).status).toBe(404)
    await db.database.updateTable('access_keys').set({ account_id: 'default' }).execute()
    await db.database.deleteFrom('users').where('account_id', '=', 'other').execute()
    await db.database.deleteFrom('accounts').where('id', '=', 'other').execute()
  })
})
