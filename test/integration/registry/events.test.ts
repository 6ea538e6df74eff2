import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { createClient } from '../../../src/client/client.ts'
import type { ListChange } from '../../../src/protocol/api/events.ts'
import { startTestDatabase, type TestDatabase } from '../database/postgres.ts'
import { admin, startTestApi, type TestApi } from './test-api.ts'

let db: TestDatabase
let api: TestApi
beforeAll(async () => {
  db = await startTestDatabase()
  api = await startTestApi(db.database)
  await db.pool.query(`insert into accounts values ('other', 'other')`)
  await db.pool.query(
    `insert into executions (id, account_id, request_digest, operation, extension_id, targets, rate_control, mode, delivery_timeout_ms, created_by, status, reason_code, reason, task_count)
     select id, account, '', '{}', '', '{}', '{}', 'Automatic', 1, 'x', 'Running', '', '', 1
     from unnest(array['exec-1', 'exec-2', 'exec-3'], array['default', 'default', 'other']) as e (id, account)`,
  )
})
afterAll(async () => {
  await api.close()
  await db.stop()
})
const opened: AbortController[] = []
// Also after a test that failed half-way: the API waits for its streams.
afterEach(() => opened.splice(0).forEach((stop) => stop.abort()))

const nothing: ListChange = { executions: [], moreExecutions: false, instances: false, extensions: false }
const everything: ListChange = { executions: [], moreExecutions: true, instances: true, extensions: true }

const extension = (name: string) => ({ name, configurations: [{ os: 'linux', scripts: { install: 'true' } }] })

/**
 * The next change on a connection; the test controls the clock, so it decides when a second has
 * elapsed.
 */
function follow() {
  const client = createClient({ server: api.url, accessKeyId: admin.id, accessKeySecret: admin.secret })
  const stop = new AbortController()
  opened.push(stop)
  const changes = client.followLists({ signal: stop.signal })
  return async () => (await changes.next()).value
}

test('the first names everything, later ones the changes of each second; nothing of another account', async () => {
  const next = follow()
  expect(await next()).toEqual(everything)
  api.changed(['exec-1', 'exec-3', 'instances/other'])
  api.changed(['exec-2', 'exec-1', 'extensions/default'])
  await api.clock.advance(1_000)
  expect(await next()).toEqual({ ...nothing, executions: ['exec-1', 'exec-2'], extensions: true })

  api.changed(['exec-3', 'executions/other'])
  await api.clock.advance(1_000)
  await api.call('POST', '/api/v1/extensions', extension('a'))
  await api.clock.advance(1_000)
  expect(await next()).toEqual({ ...nothing, extensions: true })
})

test('beyond the limit the event says that there are more; every half minute everything is named again', async () => {
  const next = follow()
  expect(await next()).toEqual(everything)
  api.changed(Array.from({ length: 2_000 }, (_, n) => `exec-x${n}`))
  await api.clock.advance(1_000)
  expect(await next()).toEqual(everything)
  await api.clock.advance(30_000)
  expect(await next()).toEqual(everything)
})

test('reads and refused requests change nothing', async () => {
  await api.call('POST', '/api/v1/extensions', extension('b'))
  const next = follow()
  expect(await next()).toEqual(everything)
  await api.call('GET', '/api/v1/extensions')
  await api.call('POST', '/api/v1/extensions', {})
  await api.call('DELETE', '/api/v1/instances/i-none')
  await api.call('DELETE', '/api/v1/extensions/b')
  await api.clock.advance(1_000)
  expect(await next()).toEqual({ ...nothing, extensions: true })
})
