/** Team A may see and change its own servers only: policies with conditions on labels. */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { labelOperators, matchObjectFilter, type ObjectFilter } from '../../../src/core/access/object-filter.ts'
import type { AccountId } from '../../../src/core/id.ts'
import { listInstanceRows } from '../../../src/store/instance/instance-lists.ts'
import { startTestDatabase, type TestDatabase } from '../database/postgres.ts'
import { allow, makeUser, succeed } from './access-users.ts'
import { makeEnrolment, startTestApi, type TestApi } from './test-api.ts'

let db: TestDatabase
let api: TestApi
/** Instances by name: a1, a2 of team a, b1 of team b, none without a team. */
let ids: Readonly<Record<string, string>>
let teamA: string
/** Sees every instance, and may start something on those of team a. */
let seer: string

const ofTeam = (action: string | readonly string[], team = 'a') => ({
  ...allow(action),
  Condition: { StringEquals: { 'acs:ResourceTag/team': team } },
})
const templates = allow(['oos:*Template*', 'oos:StartExecution'], 'acs:oos:*:*:template/*')

beforeAll(async () => {
  db = await startTestDatabase()
  api = await startTestApi(db.database)
  const enrol = async (name: string, labels: object) => {
    const { token } = await succeed(api, 'POST', '/api/v1/join-tokens', labels)
    return (await succeed(api, 'POST', '/agent/v1/enrol', makeEnrolment(token, { name }))).instanceId as string
  }
  ids = {
    a1: await enrol('a1', { tags: { team: 'a' } }),
    a2: await enrol('a2', { tags: { team: 'a', env: 'prod' }, resourceGroup: 'shop' }),
    b1: await enrol('b1', { tags: { team: 'b' }, resourceGroup: 'shop' }),
    none: await enrol('none', {}),
  }
  await succeed(api, 'POST', '/api/v1/extensions', {
    name: 'demo',
    configurations: [{ os: 'linux', scripts: { install: 'true' } }],
  })
  teamA = await makeUser(api, 'anna', templates, ofTeam(['ecs:*', 'oos:*', 'chandler:*JoinToken*']))
  seer = await makeUser(api, 'sam', templates, allow('ecs:DescribeInstances'), ofTeam(['oos:*', 'ecs:RunCommand']))
})
afterAll(async () => {
  await api.close()
  await db.stop()
})

const as = async (user: string, method: string, path: string, body?: unknown) => api.call(method, path, body, user)
const namesOf = (body: { items: { name: string }[] }) => body.items.map(({ name }) => name)
const install = (targets: object, more: object = {}) => ({ action: 'install', extension: 'demo', targets, ...more })
const targetsOf = (body: { targets: { instanceName: string; step: string; reasonCode: string }[] }) =>
  body.targets.map(({ instanceName, step, reasonCode }) => `${instanceName} ${step} ${reasonCode}`)

describe('reading', () => {
  test('lists, pages, counts, values, searches and exports contain the permitted instances', async () => {
    const { body } = await as(teamA, 'GET', '/api/v1/instances?count=true')
    expect(namesOf(body)).toEqual(['a1', 'a2'])
    expect(body.total).toEqual({ count: 2, isExact: true })
    const first = (await as(teamA, 'GET', '/api/v1/instances?maxResults=1')).body
    const second = (await as(teamA, 'GET', `/api/v1/instances?maxResults=1&nextToken=${first.nextToken}`)).body
    expect([...namesOf(first), ...namesOf(second), second.nextToken]).toEqual(['a1', 'a2', undefined])
    expect(namesOf((await as(teamA, 'GET', '/api/v1/instances?search=b1')).body)).toEqual([])
    expect(namesOf((await as(teamA, 'GET', '/api/v1/instances?targets=tag:team%3Db')).body)).toEqual([])
    const values = async (property: string) =>
      (await as(teamA, 'GET', `/api/v1/instances/values?property=${property}`)).body.values
    expect(await values('name')).toEqual([
      { value: 'a1', count: 1 },
      { value: 'a2', count: 1 },
    ])
    expect(await values('tag:team')).toEqual([{ value: 'a', count: 2 }])
    expect(await values('status')).toEqual([
      { value: 'online', count: 0 },
      { value: 'offline', count: 2 },
    ])
    const csv = await fetch(`${api.url}/api/v1/instances.csv`, { headers: { authorization: teamA } })
    const text = await csv.text()
    expect([text.includes('a2'), text.includes('b1')]).toEqual([true, false])
  })

  test('another instance is refused like one that does not exist', async () => {
    expect((await as(teamA, 'GET', `/api/v1/instances/${ids.a1}`)).status).toBe(200)
    for (const id of [ids.b1, ids.none, 'i-nothing']) {
      const answer = await as(teamA, 'GET', `/api/v1/instances/${id}`)
      expect(answer).toMatchObject({
        status: 403,
        body: { code: 'AccessDenied', detail: expect.stringContaining(`:instance/${id}:`) },
      })
    }
  })

  test('the overview counts the permitted instances', async () => {
    const { status, body } = await as(teamA, 'GET', '/api/v1/overview')
    expect(status).toBe(200)
    expect(body.instances).toMatchObject({ total: 2, online: 0 })
    expect((await as(teamA, 'GET', '/api/v1/extensions/demo/coverage')).body.instances).toBe(2)
  })
})

describe('starting', () => {
  test('a selection contains only visible instances', async () => {
    const { body } = await as(teamA, 'POST', '/api/v1/plans', install({ kind: 'all' }))
    expect(targetsOf(body)).toEqual(['a1 install Planned', 'a2 install Planned'])
  })

  test('an instance that the user cannot see does not exist; one that they can see is not permitted', async () => {
    const unseen = await as(teamA, 'POST', '/api/v1/plans', install({ kind: 'names', names: ['a1', 'b1'] }))
    expect(unseen).toMatchObject({
      status: 400,
      body: { code: 'TargetsNotFound', detail: expect.stringContaining('b1') },
    })
    const { body } = await as(seer, 'POST', '/api/v1/plans', install({ kind: 'names', names: ['a1', 'b1'] }))
    expect(targetsOf(body)).toEqual(['a1 install Planned', 'b1 skip UserNotPermitted'])
    expect(body.targets[1]).toMatchObject({
      reason: `not permitted: you are not allowed to perform oos:StartExecution on instance/${ids.b1}`,
      reasonMessages: [
        { code: 'InstanceNotPermitted', arguments: { action: 'oos:StartExecution', instanceId: ids.b1 } },
      ],
    })
  })

  test('a start is refused if a named target is not permitted', async () => {
    const refused = await as(seer, 'POST', '/api/v1/executions', install({ kind: 'ids', ids: [ids.a1, ids.b1] }))
    expect(refused).toMatchObject({
      status: 403,
      body: {
        code: 'AccessDenied',
        detail: expect.stringContaining(`oos:StartExecution on acs:oos:default:default:instance/${ids.b1}:`),
      },
    })
    const command = { action: 'run', command: { type: 'sh', content: 'true' }, targets: { kind: 'ids', ids: [ids.b1] } }
    const commanded = await as(seer, 'POST', '/api/v1/executions', command)
    expect(commanded.status).not.toBe(201)
  })

  test('in a selection, targets that are not permitted are left out; with none left it is refused', async () => {
    const started = await as(seer, 'POST', '/api/v1/executions', install({ kind: 'all' }))
    expect(started.status).toBe(201)
    const tasks = (await as(seer, 'GET', `/api/v1/executions/${started.body.id}/tasks`)).body.items
    expect(
      tasks.map((task: { instanceName: string; status: string; reasonCode: string }) =>
        [task.instanceName, task.status, task.reasonCode].join(' '),
      ),
    ).toEqual([
      'a1 Pending Planned',
      'a2 Pending Planned',
      'b1 Skipped UserNotPermitted',
      'none Skipped UserNotPermitted',
    ])
    const refused = await as(seer, 'POST', '/api/v1/executions', install({ kind: 'tags', tags: { team: 'b' } }))
    expect(refused).toMatchObject({ status: 403, body: { code: 'AccessDenied' } })
  })

  test('a tag that changes between plan and start is checked again at the start', async () => {
    const request = install({ kind: 'ids', ids: [ids.a1] })
    const plan = (await as(teamA, 'POST', '/api/v1/plans', request)).body
    await succeed(api, 'PATCH', `/api/v1/instances/${ids.a1}`, { tags: { team: 'b' } })
    try {
      const started = await as(teamA, 'POST', '/api/v1/executions', { ...request, ifPlan: plan.digest })
      expect(started).toMatchObject({ status: 400, body: { code: 'TargetsEmpty' } })
    } finally {
      await succeed(api, 'PATCH', `/api/v1/instances/${ids.a1}`, { tags: { team: 'a' } })
    }
  })
})

describe('labels', () => {
  test('cannot be changed to take an instance or to give one away', async () => {
    const patch = (id: string | undefined, body: object) => as(teamA, 'PATCH', `/api/v1/instances/${id}`, body)
    expect((await patch(ids.a1, { tags: { team: 'a', env: 'test' } })).status).toBe(200)
    expect((await patch(ids.a1, { tags: { team: 'b' } })).status).toBe(403)
    expect((await patch(ids.a1, { tags: {} })).status).toBe(403)
    expect((await patch(ids.b1, { tags: { team: 'a' } })).status).toBe(403)
    expect((await succeed(api, 'GET', `/api/v1/instances/${ids.b1}`)).tags).toEqual({ team: 'b' })
    expect((await succeed(api, 'GET', `/api/v1/instances/${ids.a1}`)).tags).toEqual({ team: 'a', env: 'test' })
  })

  test('of a join token need the permission, and agents may not choose a decisive one', async () => {
    const make = (body: object) => as(teamA, 'POST', '/api/v1/join-tokens', body)
    expect((await make({ tags: { team: 'a' } })).status).toBe(201)
    expect((await make({ tags: { team: 'b' } })).status).toBe(403)
    expect((await make({})).status).toBe(403)
    expect(await make({ tags: { team: 'a' }, allowedTags: ['team'] })).toMatchObject({
      status: 403,
      body: { code: 'DecisiveTagAllowed' },
    })
    expect((await make({ tags: { team: 'a' }, allowedTags: ['rack'] })).status).toBe(201)
  })

  test('decide about removal, approval, release and role', async () => {
    for (const [method, path] of [
      ['DELETE', ''],
      ['POST', '/approve'],
      ['POST', '/reject'],
      ['POST', '/release'],
    ] as const)
      expect((await as(teamA, method, `/api/v1/instances/${ids.b1}${path}`)).status).toBe(403)
    expect((await as(teamA, 'PUT', `/api/v1/instances/${ids.b1}/role`, { role: 'ExtensionInstance' })).status).toBe(403)
  })
})

test('a client can ask what the user may do, with the reason of the refusal', async () => {
  const checks = [
    { action: 'ecs:DeleteInstance', resource: `instance/${ids.a1}` },
    { action: 'ecs:DeleteInstance', resource: `instance/${ids.b1}` },
    { action: 'ecs:RunCommand', resource: 'instance/*' },
    { action: 'ram:CreateUser', resource: 'user/*' },
  ]
  const { body } = await as(teamA, 'POST', '/api/v1/permission-checks', { checks })
  expect(body.results.map(({ allowed }: { allowed: boolean }) => allowed)).toEqual([true, false, true, false])
  const refusal = (await as(teamA, 'DELETE', `/api/v1/instances/${ids.b1}`)).body.detail
  expect(refusal).toContain(body.results[1].reason)
})

test('a question about any resource of a kind is answered by policies that name some of them', async () => {
  const resources = ['acs:oos:*:*:template/web-*', 'acs:ram:*:*:user/web-only']
  const web = await makeUser(api, 'web-only', allow(['oos:CreateTemplate', 'ram:CreateAccessKey'], resources))
  const checks = [
    { action: 'oos:CreateTemplate', resource: 'template/*' },
    { action: 'oos:CreateTemplate', resource: 'template/other' },
    { action: 'ram:CreateAccessKey', resource: 'user/*' },
    { action: 'ram:CreateAccessKey', resource: 'policy/*' },
    { action: 'oos:DeleteTemplate', resource: 'template/*' },
  ]
  const { body } = await as(web, 'POST', '/api/v1/permission-checks', { checks })
  expect(body.results.map(({ allowed }: { allowed: boolean }) => allowed)).toEqual([true, false, true, false, false])
})

describe('executions', () => {
  test('have the labels that all of their targets had', async () => {
    const ofA = (await succeed(api, 'POST', '/api/v1/executions', install({ kind: 'ids', ids: [ids.a1, ids.a2] }))).id
    const ofB = (await succeed(api, 'POST', '/api/v1/executions', install({ kind: 'ids', ids: [ids.b1] }))).id
    const ofBoth = (await succeed(api, 'POST', '/api/v1/executions', install({ kind: 'all' }))).id
    const seen = (await as(teamA, 'GET', '/api/v1/executions')).body.items.map(({ id }: { id: string }) => id)
    expect([ofA, ofB, ofBoth].map((id) => seen.includes(id))).toEqual([true, false, false])
    expect(
      (await as(teamA, 'GET', '/api/v1/overview')).body.executions.recent.map((one: { id: string }) => one.id),
    ).not.toContain(ofB)
    for (const path of ['', '/tasks', '/output', '/failures', `/tasks/${ids.b1}`])
      expect([path, (await as(teamA, 'GET', `/api/v1/executions/${ofB}${path}`)).status]).toEqual([path, 403])
    expect((await as(teamA, 'POST', `/api/v1/executions/${ofB}/cancel`)).status).toBe(403)
    expect((await as(teamA, 'POST', `/api/v1/executions/${ofBoth}/cancel`)).status).toBe(403)
    expect((await as(teamA, 'POST', `/api/v1/executions/${ofA}/cancel`)).status).toBe(200)
    // Its own tags cannot make it one of the team.
    await succeed(api, 'PATCH', `/api/v1/executions/${ofB}`, { tags: { team: 'a' } })
    expect((await as(teamA, 'GET', `/api/v1/executions/${ofB}`)).status).toBe(403)
    const history = (await as(teamA, 'GET', `/api/v1/instances/${ids.a1}/history`)).body.items
    expect(history.map((one: { executionId: string }) => one.executionId)).toContain(ofA)
    expect(history.map((one: { executionId: string }) => one.executionId)).not.toContain(ofBoth)
  })
})

test('the condition of a query permits exactly the rows that the filter permits', async () => {
  await db.database
    .updateTable('instances')
    .set({ tags: { team: 'Ä😀', 'a%': 'x_y' } as never })
    .where('id', '=', ids.none!)
    .execute()
  const objects = await listInstanceRows(
    db.database,
    { accountId: 'default' as AccountId },
    { order: { by: 'name', ascending: true }, limit: 10 },
  )
  expect(objects).toHaveLength(4)
  const value = fc.constantFrom('a', 'A', 'b', 'B', '*', '?', 'ä😀', 'Ä?', 'x_y', 'x%', 'sh*', 'SHOP', '')
  const clause = fc.record({
    names: fc.option(
      fc.subarray(['instance/*', `instance/${ids.a1}`, 'instance/i-?', `*${ids.b1?.slice(-4)}`], { minLength: 1 }),
      { nil: undefined },
    ),
    conditions: fc.array(
      fc.record({
        operator: fc.constantFrom(...labelOperators),
        on: fc.constantFrom({ tag: 'team' }, { tag: 'a%' }, { tag: 'absent' }, 'group' as const),
        values: fc.array(value, { minLength: 1, maxLength: 3 }),
      }),
      { maxLength: 2 },
    ),
  })
  const keyOf = (on: 'group' | { tag: string }) => (on === 'group' ? 'acs:ResourceGroup' : `acs:ResourceTag/${on.tag}`)
  await fc.assert(
    fc.asyncProperty(
      fc.array(clause, { minLength: 1, maxLength: 3 }),
      fc.array(clause, { maxLength: 2 }),
      async (allowing, denying) => {
        const withKeys = (clauses: typeof allowing) =>
          clauses.map(({ names, conditions }) => ({
            names,
            conditions: conditions.map((one) => ({ ...one, key: keyOf(one.on) })),
          }))
        const permitted: ObjectFilter = { allow: withKeys(allowing), deny: withKeys(denying) }
        const found = await listInstanceRows(
          db.database,
          { accountId: 'default' as AccountId, permitted },
          { order: { by: 'name', ascending: true }, limit: 10 },
        )
        const expected = objects.filter((one) => matchObjectFilter(permitted, { ...one, name: `instance/${one.id}` }))
        expect(found.map(({ id }) => id)).toEqual(expected.map(({ id }) => id))
      },
    ),
    { numRuns: 150 },
  )
})
