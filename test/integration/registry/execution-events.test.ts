import { afterAll, beforeAll, expect, test } from 'vitest'
import { createClient } from '../../../src/client/client.ts'
import type { ExecutionEvent } from '../../../src/client/follow.ts'
import { startTestDatabase, type TestDatabase } from '../database/postgres.ts'
import { admin, basic, makeEnrolment, startTestApi, type TestApi } from './test-api.ts'

let db: TestDatabase
let api: TestApi
let id: string
const batchCount = 1_000
const ids = Array.from({ length: 50_000 }, (_, n) => `i-${String(n).padStart(16, '0')}`)

beforeAll(async () => {
  db = await startTestDatabase()
  api = await startTestApi(db.database)
  const { body: token } = await api.call('POST', '/api/v1/join-tokens', {})
  await api.call('POST', '/agent/v1/enrol', makeEnrolment(token.token), null)
  await api.call('POST', '/api/v1/extensions', {
    name: 'demo',
    configurations: [{ os: 'linux', scripts: { install: 'true' } }],
  })
  const request = { action: 'install', extension: 'demo', targets: { kind: 'all' } }
  id = (await api.call('POST', '/api/v1/executions', request)).body.id
  // The rows of an execution on 50,000 instances in 1,000 batches.
  await db.pool.query(
    `update executions set targets = $2, rate_control = rate_control || jsonb_build_object('batchSizes', $3::jsonb) where id = $1`,
    [id, JSON.stringify({ kind: 'ids', ids }), JSON.stringify(Array(batchCount).fill(50))],
  )
  await db.pool.query('delete from task_counts where execution_id = $1', [id])
  await db.pool.query(
    `insert into task_counts (execution_id, batch, status, reason_code, n)
     select $1, batch, 'Pending', 'Planned', 50 from generate_series(1, $2::int) as batch`,
    [id, batchCount],
  )
})
afterAll(async () => {
  await api.close()
  await db.stop()
})

/** One task of a batch starts, as the dispatcher records it. */
async function startTask(batch: number): Promise<void> {
  await db.pool.query(`update task_counts set n = 49 where execution_id = $1 and batch = $2`, [id, batch])
  await db.pool.query(`insert into task_counts values ($1, $2, 'Running', 'Dispatched', 1)`, [id, batch])
  await db.pool.query('update executions set revision = revision + 1 where id = $1', [id])
  api.changed([id])
}

/** The events on the wire. */
async function* readEvents(signal: AbortSignal): AsyncGenerator<{ name: string; sizeBytes: number; data: unknown }> {
  const response = await fetch(`${api.url}/api/v1/executions/${id}/events`, {
    headers: { authorization: basic(admin) },
    signal,
  })
  let text = ''
  for await (const piece of response.body!.pipeThrough(new TextDecoderStream())) {
    text += piece
    const whole = text.split('\n\n')
    text = whole.pop() ?? ''
    for (const event of whole) {
      const name = /^event: (.*)$/m.exec(event)?.[1]
      const data = /^data: (.*)$/m.exec(event)?.[1]
      if (name !== undefined && data !== undefined) yield { name, sizeBytes: event.length, data: JSON.parse(data) }
    }
  }
}

test('events stay small: no targets, and only the batches that changed', async () => {
  const stop = new AbortController()
  const events = readEvents(stop.signal)
  const readUntilExecution = async () => {
    const read = []
    for (;;) {
      const event = (await events.next()).value!
      read.push(event)
      expect(event.sizeBytes).toBeLessThan(20_000)
      if (event.name === 'execution') return read
    }
  }
  const first = await readUntilExecution()
  expect(first.map(({ name }) => name)).toEqual([...Array(10).fill('batches'), 'execution'])
  await startTask(7)
  await api.clock.advance(100)
  const next = await readUntilExecution()
  expect(next[0]).toMatchObject({ name: 'batches', data: [{ number: 7, pending: 49, running: 1 }] })
  expect(next.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)).toBeLessThan(3_000)
  stop.abort()
})

test('a client merges them: every event that it yields is the whole execution', async () => {
  const client = createClient({ server: api.url, accessKeyId: admin.id, accessKeySecret: admin.secret })
  const stop = new AbortController()
  const events = client.executions.follow(id, { signal: stop.signal })
  const next = async () => {
    const { value } = (await events.next()) as { value: ExecutionEvent }
    return value.kind === 'execution' ? value.execution : undefined
  }
  const first = await next()
  expect(first?.batches).toHaveLength(batchCount)
  expect(first?.targets).toEqual({ kind: 'ids', ids })
  await startTask(9)
  await api.clock.advance(100)
  const second = await next()
  expect(second).toEqual(await client.executions.get(id))
  expect(second?.batches[8]).toMatchObject({ number: 9, running: 1 })
  stop.abort()
})
