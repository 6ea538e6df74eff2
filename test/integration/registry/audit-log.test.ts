import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestDatabase, type TestDatabase } from '../database/postgres.ts'
import { startTestApi, type TestApi } from './test-api.ts'

let db: TestDatabase
let api: TestApi

beforeAll(async () => {
  db = await startTestDatabase()
  api = await startTestApi(db.database)
  await db.pool.query(
    `insert into audit_log (account_id, at, actor, source, action, resource)
     select 'default', timestamptz '2026-03-01T00:00:00Z' + n / 2 * interval '1 microsecond',
       case n % 3 when 0 then 'ann' else 'bob' end, '10.0.0.1', case n % 2 when 0 then 'CreateExtension' else 'StartExecution' end,
       case n % 2 when 0 then 'extension/e_' else 'execution/exec-' end || n
     from generate_series(1, 60) n`,
  )
  await db.pool.query(`insert into accounts values ('other', 'other')`)
  await db.pool.query(
    `insert into audit_log (account_id, actor, source, action, resource) values ('other', 'ann', 'x', 'CreateExtension', 'extension/secret')`,
  )
})
afterAll(async () => {
  await api.close()
  await db.stop()
})

type Entry = { id: string; actor: string; action: string; resource: string }

async function readAll(query: string, maxResults = 7): Promise<Entry[]> {
  const entries: Entry[] = []
  for (let next = ''; ; ) {
    const { body } = await api.call('GET', `/api/v1/audit-log?maxResults=${maxResults}${query}${next}`)
    entries.push(...body.items)
    if (body.nextToken === undefined) return entries
    next = `&nextToken=${body.nextToken}`
  }
}

describe('filters', () => {
  test('by actor, action and resource; pages neither overlap nor omit any, also within one microsecond', async () => {
    const all = await readAll('&from=2026-03-01T00:00:00Z&to=2026-03-01T00:00:00.001Z')
    expect(all).toHaveLength(60)
    expect(new Set(all.map(({ id }) => id)).size).toBe(60)
    expect(all.map(({ id }) => Number(id))).toEqual(all.map(({ id }) => Number(id)).toSorted((a, b) => b - a))
    expect(await readAll('&actor=ann')).toEqual(all.filter(({ actor }) => actor === 'ann'))
    expect(await readAll('&action=StartExecution')).toEqual(all.filter(({ action }) => action === 'StartExecution'))
    expect(await readAll('&source=10.0.0.1')).toHaveLength(60)
    expect(await readAll('&source=10.0.0.2')).toEqual([])
    expect(await readAll('&actor=bob&resource=extension/')).toEqual(
      all.filter(({ actor, resource }) => actor === 'bob' && resource.startsWith('extension/')),
    )
  })

  test('SQL special characters are literal', async () => {
    expect(await readAll('&resource=extension/e%25')).toEqual([])
    expect(await readAll('&resource=extensio_')).toEqual([])
    expect((await readAll('&resource=extension/e_2')).length).toBeGreaterThan(0)
  })

  test('a time range excludes its end', async () => {
    expect(await readAll('&from=2026-03-01T00:00:00.001Z&to=2026-03-02T00:00:00Z')).toEqual([])
    expect(await readAll('&to=2026-03-01T00:00:00Z')).toEqual([])
    expect(await readAll('&from=2026-03-01T00:00:00Z&to=2026-03-01T00:00:00Z')).toEqual([])
  })

  test.each(['&from=yesterday', '&to=2026-13-01T00:00:00Z', '&actor=', '&who=ann', '&nextToken=WzFd'])(
    '%s is refused',
    async (query) => {
      const { status, body } = await api.call('GET', `/api/v1/audit-log?maxResults=1${query}`)
      expect([status, body.code]).toEqual([400, 'RequestInvalid'])
    },
  )
})

test('the overview equals the lists', async () => {
  const { status, body } = await api.call('GET', '/api/v1/overview?days=7')
  expect(status).toBe(200)
  expect(body).toMatchObject({
    instances: { total: 0, online: 0, offline: 0, away: 0 },
    executions: { open: { Running: 0, Waiting: 0 }, ended: { Success: 0 }, recent: [] },
    attention: { waiting: [], failed: [], broken: [], away: [] },
    activity: { unit: 'day' },
  })
  expect(body.activity.points).toHaveLength(8)
  expect((await api.call('GET', '/api/v1/overview?days=0')).body.code).toBe('RequestInvalid')
})
