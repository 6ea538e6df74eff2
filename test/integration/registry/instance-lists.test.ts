import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createClient } from '../../../src/client/client.ts'
import { parseTargetList } from '../../../src/client/target-list.ts'
import type { ServerId } from '../../../src/core/id.ts'
import type { Facts } from '../../../src/core/instance/facts.ts'
import { type FilterToken, renderInstanceFilter } from '../../../src/core/instance/instance-filter.ts'
import { connectInstances } from '../../../src/store/instance/agent-sessions.ts'
import { updateHeartbeat } from '../../../src/store/server/servers.ts'
import { makeFacts } from '../../make-instance.ts'
import { startTestDatabase, type TestDatabase } from '../database/postgres.ts'
import { admin, basic, makeEnrolment, startTestApi, type TestApi } from './test-api.ts'

let db: TestDatabase
let api: TestApi
const ids: Record<string, string> = {}
const server = 'server-1' as ServerId

const cloud = (region: string, instanceFamily: string, instanceId: string): NonNullable<Facts['cloud']> => ({
  provider: 'alibaba',
  region,
  zone: `${region}-a`,
  instanceId,
  instanceType: `${instanceFamily}.large`,
  instanceFamily,
  imageId: 'image',
  imageType: 'system',
  networkType: 'vpc',
})
const os = (id: string, version: string, arch = 'x86_64') => ({ ...makeFacts().os, id, version, arch })

const fleet: { name: string; tags?: Record<string, string>; facts: Facts }[] = [
  {
    name: 'web-1',
    tags: { env: 'prod' },
    facts: { ...makeFacts(), os: os('debian', '12'), cloud: cloud('cn-hangzhou', 'ecs.g7', 'i-bp1') },
  },
  {
    name: 'web-2',
    tags: { env: 'test' },
    facts: { ...makeFacts(), os: os('debian', '11'), cloud: cloud('cn-beijing', 'ecs.c6', 'i-bp2') },
  },
  {
    name: 'Db 100%',
    tags: { env: 'prod', tier: 'a,b' },
    facts: { ...makeFacts(), os: os('ubuntu', '22.04', 'arm64'), hostName: 'Primary', addresses: ['10.9.8.7'] },
  },
  { name: '=cmd|calc', facts: { ...makeFacts(), os: os('ubuntu', '24.04'), hostName: 'host', agentVersion: '9.9.9' } },
]

beforeAll(async () => {
  db = await startTestDatabase()
  api = await startTestApi(db.database)
  const { body: token } = await api.call('POST', '/api/v1/join-tokens', {
    uses: 'unlimited',
    allowedTags: ['env', 'tier', 'rack'],
  })
  for (const one of fleet) {
    const answer = await api.call('POST', '/agent/v1/enrol', makeEnrolment(token.token, one), null)
    ids[one.name] = answer.body.instanceId
    await api.clock.advance(1_000)
  }
  for (const name of ['demo', 'narrow'])
    await api.call('POST', '/api/v1/extensions', {
      name,
      scope: name === 'narrow' ? { platforms: [{ id: 'debian', versions: '>=12' }] } : {},
      configurations: [{ os: 'linux', scripts: { install: 'true' } }],
    })
  await db.pool.query(
    `insert into installed_states (instance_id, extension_id, account_id, status, version, configuration_id, parameters_digest, execution_id)
     select i, (select id from extensions where name = 'demo'), 'default', status, version, 'c1', '', 'exec-1'
     from unnest($1::text[], array['installed', 'installed', 'broken'], array[1, 2, 2]) as s (i, status, version)`,
    [[ids['web-1'], ids['web-2'], ids['Db 100%']]],
  )
  await updateHeartbeat(db.database, server, 'here')
  await connectInstances(db.database, server, [{ id: ids['web-2'] as never, facts: fleet[1]!.facts }])
  await db.pool.query(`insert into accounts values ('other', 'other')`)
  await db.pool.query(
    `insert into executions (id, account_id, request_digest, operation, extension_id, targets, rate_control, mode, delivery_timeout_ms, created_by, status, reason_code, reason, task_count, created_at)
     select 'exec-' || n, case n when 4 then 'other' else 'default' end, '',
       '{"kind":"extension","action":"install","extensionId":"e","extensionName":"demo","version":1,"parameters":{},"parametersDigest":""}', 'e',
       '{"kind":"all"}', '{"mode":"Concurrency","batchSizes":[1]}', 'Automatic', 1, 'ci', 'Success', 'Succeeded', '', 1, now() - n * interval '1 hour'
     from generate_series(1, 4) n`,
  )
  await db.pool.query(
    `insert into task_executions (execution_id, ordinal, account_id, batch, instance_id, instance_name, step, status, reason_code, reason, timeout_ms)
     select 'exec-' || n, 1, 'default', 1, $1, 'web-1', 'install', 'Success', 'Succeeded', 'It went well.', 1 from generate_series(1, 4) n`,
    [ids['web-1']],
  )
})
afterAll(async () => {
  await api.close()
  await db.stop()
})

const get = async (path: string) => (await api.call('GET', `/api/v1/instances${path}`)).body
const names = async (query: string) => (await get(query)).items.map(({ name }: { name: string }) => name)
const filtered = (filter: string) => names(`?filter=${encodeURIComponent(filter)}`)

describe('filter', () => {
  test.each([
    ['os=debian', ['web-1', 'web-2']],
    ['os!=debian', ['=cmd|calc', 'Db 100%']],
    ['os=debian,osVersion=12', ['web-1']],
    ['osVersion~04', ['=cmd|calc', 'Db 100%']],
    ['arch=arm64', ['Db 100%']],
    ['osFamily=windows', []],
    ['region=', ['=cmd|calc', 'Db 100%']],
    ['region~CN-', ['web-1', 'web-2']],
    ['family=ecs.g7', ['web-1']],
    ['agent=9.9.9', ['=cmd|calc']],
    ['name~WEB', ['web-1', 'web-2']],
    ['name~%', ['Db 100%']],
    ['name!~web,name!~%', ['=cmd|calc']],
    ['tag:env=prod', ['Db 100%', 'web-1']],
    ['tag:env!=prod', ['=cmd|calc', 'web-2']],
    ['tag:tier=a\\,b', ['Db 100%']],
    ['tag:env~tes', ['web-2']],
    ['status=online', ['web-2']],
    ['status!=online', ['=cmd|calc', 'Db 100%', 'web-1']],
    ['extension=demo', ['web-1', 'web-2']],
    ['extension=demo@v2', ['web-2']],
    ['extension=demo@<v2', ['web-1']],
    ['extension=demo@>=v1', ['web-1', 'web-2']],
    ['extension=demo@>v9', []],
    ['extension!=demo', ['=cmd|calc', 'Db 100%']],
    ['extension=narrow', []],
    ['broken=*', ['Db 100%']],
    ['broken!=demo@v2,os=ubuntu', ['=cmd|calc']],
    ['role!=ExtensionInstance', []],
    ['group!=shop', ['=cmd|calc', 'Db 100%', 'web-1', 'web-2']],
  ])('%s', async (filter, expected) => {
    expect((await filtered(filter)).toSorted()).toEqual(expected)
  })

  test('an id, and rendered filters', async () => {
    const tokens: FilterToken[] = [{ property: 'id', operator: '=', value: ids['web-1'] as string }]
    expect(await filtered(renderInstanceFilter(tokens))).toEqual(['web-1'])
  })

  test.each([
    ['WEB-', ['web-1', 'web-2']],
    ['primary', ['Db 100%']],
    ['10.9.8.7', ['Db 100%']],
    ['i-bp2', ['web-2']],
    ['%', ['Db 100%']],
  ])('free text: %s', async (text, expected) => {
    expect(await names(`?search=${encodeURIComponent(text)}`)).toEqual(expected)
  })

  test('all conditions must match, with the selector and the older parameters', async () => {
    expect(await names(`?filter=os%3Ddebian&targets=tag:env%3Dprod&name=web&status=offline&extension=demo`)).toEqual([
      'web-1',
    ])
  })

  test('invalid ones are reported', async () => {
    const { status, body } = await api.call('GET', '/api/v1/instances?filter=colour%3Dred')
    expect([status, body.code]).toEqual([400, 'RequestInvalid'])
    expect(body.detail).toContain('the filter: "colour" is not one of status, name')
  })
})

describe('a filter that names something unknown', () => {
  const refusal = async (query: string) => {
    const { status, body } = await api.call('GET', `/api/v1/instances?${query}`)
    return [status, body.code]
  }

  test.each([
    ['extension=nope', [404, 'ExtensionNotFound']],
    ['extension=demo&version=v9', [404, 'VersionNotFound']],
    ['filter=extension%3Dnope', [404, 'ExtensionNotFound']],
    ['filter=os%3Ddebian,extension!%3Dnope', [404, 'ExtensionNotFound']],
    ['filter=broken%3Dnope@v1', [404, 'ExtensionNotFound']],
    ['filter=extension%3Ddemo@v9', [404, 'VersionNotFound']],
    ['filter=group%3Dnope', [404, 'ResourceGroupNotFound']],
    ['filter=role%3Dnope', [404, 'RoleNotFound']],
    ['targets=resource-group:nope', [404, 'ResourceGroupNotFound']],
    ['targets=filter:extension!%3Dnope', [404, 'ExtensionNotFound']],
  ])('%s is refused', async (query, expected) => {
    expect(await refusal(query)).toEqual(expected)
    const csv = await api.call('GET', `/api/v1/instances.csv?${query}`)
    expect([csv.status, csv.body.code]).toEqual(expected)
  })

  test('is not a target of a plan', async () => {
    const { status, body } = await api.call('POST', '/api/v1/plans', {
      action: 'install',
      extension: 'demo',
      targets: { kind: 'filter', filter: 'extension!=nope' },
    })
    expect([status, body.code]).toEqual([404, 'ExtensionNotFound'])
  })

  test('an extension that was deleted by force is known where it is installed', async () => {
    await db.pool.query(
      `insert into deleted_extensions (extension_id, account_id, name) values ('e-gone', 'default', 'gone')`,
    )
    await db.pool.query(
      `insert into installed_states (instance_id, extension_id, account_id, status, version, configuration_id, parameters_digest, execution_id)
       values ($1, 'e-gone', 'default', 'installed', 1, 'c1', '', 'exec-1')`,
      [ids['web-2']],
    )
    expect(await names('?filter=extension%3Dgone')).toEqual(['web-2'])
    await db.pool.query(`delete from installed_states where extension_id = 'e-gone'`)
  })
})

describe('order and pages', () => {
  test.each([
    // The collation of the database decides what sorts before a letter.
    ['name', ['web-1', 'web-2']],
    ['-name', ['web-2', 'web-1']],
    ['enrolled', ['web-1', 'web-2', 'Db 100%', '=cmd|calc']],
    ['-enrolled', ['=cmd|calc', 'Db 100%', 'web-2', 'web-1']],
    ['-status', ['web-2', 'web-1']],
    ['-lastSeen', ['web-2']],
  ])('sort=%s, one by one forwards and backwards', async (sort, expected) => {
    const seen: string[] = []
    let page = await get(`?sort=${sort}&maxResults=1`)
    expect(page.previousToken).toBeUndefined()
    for (;;) {
      seen.push(page.items[0].name)
      if (page.nextToken === undefined) break
      page = await get(`?sort=${sort}&maxResults=1&nextToken=${page.nextToken}`)
    }
    expect(seen.toSorted()).toEqual(fleet.map(({ name }) => name).toSorted())
    expect(seen.filter((name) => expected.includes(name))).toEqual(expected)
    const back: string[] = [page.items[0].name]
    while (page.previousToken !== undefined) {
      page = await get(`?sort=${sort}&maxResults=1&nextToken=${page.previousToken}`)
      back.push(page.items[0].name)
    }
    expect(back).toEqual(seen.toReversed())
  })

  test('a cursor of another order is refused', async () => {
    const { nextToken } = await get('?sort=lastSeen&maxResults=1')
    expect((await api.call('GET', `/api/v1/instances?sort=name&nextToken=${nextToken}`)).status).toBe(400)
  })

  test('counted on request', async () => {
    expect((await get('?count=true&maxResults=1&filter=os%3Ddebian')).total).toEqual({ count: 2, isExact: true })
    expect((await get('?maxResults=1')).total).toBeUndefined()
  })
})

describe('values', () => {
  test.each([
    [
      'os',
      [
        ['debian', 2],
        ['ubuntu', 2],
      ],
    ],
    [
      'status',
      [
        ['online', 1],
        ['offline', 3],
      ],
    ],
    [
      'tag',
      [
        ['env', 3],
        ['tier', 1],
      ],
    ],
    [
      'tag:env',
      [
        ['prod', 2],
        ['test', 1],
      ],
    ],
    [
      'extension',
      [
        ['demo', 2],
        ['demo@v2', 1],
        ['demo@v1', 1],
      ],
    ],
    [
      'broken',
      [
        ['demo', 1],
        ['demo@v2', 1],
      ],
    ],
    [
      'region',
      [
        ['', 2],
        ['cn-beijing', 1],
        ['cn-hangzhou', 1],
      ],
    ],
  ])('%s', async (property, expected) => {
    const { values, isComplete } = await get(`/values?property=${property}`)
    expect(values.map(({ value, count }: { value: string; count: number }) => [value, count])).toEqual(expected)
    expect(isComplete).toBe(true)
  })

  test('containing a text; an unknown property', async () => {
    expect((await get('/values?property=osVersion&text=04')).values).toHaveLength(2)
    expect((await api.call('GET', '/api/v1/instances/values?property=colour')).status).toBe(400)
  })
})

test('as CSV: the rows of the same query, no cell a formula', async () => {
  const client = createClient({ server: api.url, accessKeyId: admin.id, accessKeySecret: admin.secret })
  const response = await client.instances.exportCsv()
  expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8')
  expect(response.headers.get('content-disposition')).toContain('filename="instances.csv"')
  const lines = Buffer.from(await response.arrayBuffer())
    .toString('utf8')
    .split('\r\n')
  expect(lines).toHaveLength(6)
  expect(lines[0]).toMatch(/^\uFEFFid,name,status,os,/)
  expect(lines.find((line) => line.includes('calc'))).toContain(`,"'=cmd|calc",offline,ubuntu,24.04,`)
  expect(lines.find((line) => line.includes('Db'))).toContain('"env=prod; tier=a,b",,demo v2,')
  expect(parseTargetList(lines.join('\r\n'))).toMatchObject({ targets: { kind: 'ids', ids: { length: 4 } } })
  const some = await (await client.instances.exportCsv({ filter: 'os=debian' })).text()
  expect(some.split('\r\n')).toHaveLength(4)
  const refused = await fetch(`${api.url}/api/v1/instances.csv?filter=x`, { headers: { authorization: basic(admin) } })
  expect(refused.status).toBe(400)
})

describe('one instance', () => {
  test('which extensions are in scope, and why others are not', async () => {
    const { items } = await get(`/${ids['web-2']}/extensions`)
    expect(items).toEqual([
      {
        extension: 'demo',
        type: 'Application',
        description: '',
        newest: 'v1',
        fits: true,
        state: 'installed',
        installed: {
          version: 'v2',
          configurationId: 'c1',
          executionId: 'exec-1',
          since: expect.any(String),
          parameters: {},
        },
      },
      {
        extension: 'narrow',
        type: 'Application',
        description: '',
        newest: 'v1',
        fits: false,
        reason: 'debian 11 is below >=12',
        reasonMessages: [{ code: 'VersionBelow', arguments: { platform: 'debian', version: '11', range: '>=12' } }],
        state: 'absent',
      },
    ])
    await api.call('POST', '/api/v1/extensions/narrow/versions/v1/deprecate')
    const { items: narrow } = await get(`/${ids['web-1']}/extensions?name=NARR`)
    expect(narrow).toMatchObject([{ extension: 'narrow', fits: false, reason: 'every version of it is deprecated' }])
    const page = await get(`/${ids['web-1']}/extensions?maxResults=1`)
    expect((await get(`/${ids['web-1']}/extensions?maxResults=1&nextToken=${page.nextToken}`)).items).toHaveLength(1)
  })

  test('its executions, newest first, nothing of another account', async () => {
    const { items, nextToken } = await get(`/${ids['web-1']}/history?maxResults=2`)
    expect(items.map(({ executionId }: { executionId: string }) => executionId)).toEqual(['exec-1', 'exec-2'])
    expect(items[0]).toMatchObject({
      executionStatus: 'Success',
      action: 'install',
      extension: 'demo',
      version: 'v1',
      createdBy: 'ci',
      task: { instanceName: 'web-1', status: 'Success', reason: 'It went well.' },
    })
    const rest = await get(`/${ids['web-1']}/history?maxResults=2&nextToken=${nextToken}`)
    expect(rest.items.map(({ executionId }: { executionId: string }) => executionId)).toEqual(['exec-3'])
    expect((await get(`/${ids['web-2']}/history`)).items).toEqual([])
  })

  test.each(['extensions', 'history'])('one that is not there: %s', async (part) => {
    expect((await api.call('GET', `/api/v1/instances/i-none/${part}`)).body.code).toBe('InstanceNotFound')
  })
})
