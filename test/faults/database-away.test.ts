// An external database that disappears or stops responding, and returns: the server reports it and
// recovers without a restart.
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFailed, test, vi } from 'vitest'
import { startTestDatabase, type TestDatabase } from '../integration/database/postgres.ts'
import { startLedgerRun } from './ledger.ts'
import { type Agent, createSystem, type Server, type System } from './system.ts'
import { createTcpProxy, type TcpProxy } from './tcp-proxy.ts'
import { expectTruth } from './truth.ts'

let system: System
let db: TestDatabase
let network: TcpProxy
let server: Server
let agents: Agent[]

beforeAll(async () => {
  system = await createSystem()
  db = await startTestDatabase()
  network = await createTcpProxy({ path: join(db.connection.host, `.s.PGSQL.${db.connection.port}`) })
  const { user, database } = db.connection
  const DATABASE_URL = `postgresql://${user}@127.0.0.1:${network.port}/${database}`
  server = await system.addServer({ environment: { DATABASE_URL } })
  agents = await system.addAgents(server, ['a1', 'a2', 'a3'])
})
afterAll(async () => {
  network.restore()
  await system.stop()
  await network.stop()
  await db.stop()
})

async function ask(path: string): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${server.url}${path}`)
  return { status: response.status, body: await response.json() }
}

const away = {
  status: 503,
  body: { status: 'not ready', checks: { database: 'unavailable', objects: 'ok' } },
}
const ready = { status: 200, body: { status: 'ready', checks: { database: 'ok', objects: 'ok' } } }
const isReady = () =>
  vi.waitFor(async () => expect(await ask('/readyz')).toEqual(ready), { timeout: 110_000, interval: 50 })

test('a database that is down: 503 with its name, not ready, and recovery after its return', async () => {
  onTestFailed(() => console.error(system.describe()))
  const { pid } = server.program
  const ids = agents.map(({ id }) => id)
  const run = await startLedgerRun(server.client, system.folder, ids, { exits: { [ids[0] ?? '']: 6 } })
  await run.started(1)
  network.cut()
  await expect(server.client.executions.get(run.executionId)).rejects.toMatchObject({
    code: 'DatabaseUnavailable',
    status: 503,
  })
  await expect(server.client.instances.list()).rejects.toMatchObject({ code: 'DatabaseUnavailable', status: 503 })
  expect(await ask('/readyz')).toEqual(away)
  expect((await ask('/healthz')).status).toBe(200)
  // The running script ends in the meantime.
  await run.open()
  await run.ended(1)
  network.restore()
  await isReady()
  await expectTruth(server.client, run)
  expect([server.program.isRunning, server.program.pid]).toEqual([true, pid])
})

test('a database that stops responding: not ready within seconds, and recovery after its return', async () => {
  onTestFailed(() => console.error(system.describe()))
  const ids = agents.map(({ id }) => id)
  const run = await startLedgerRun(server.client, system.folder, ids)
  await run.started(1)
  network.freeze()
  expect(await ask('/readyz')).toEqual(away)
  await run.open()
  await run.ended(1)
  network.restore()
  await isReady()
  await expectTruth(server.client, run)
})

test('connections that a device on the way dropped: the server opens new ones as soon as there is a path again', async () => {
  onTestFailed(() => console.error(system.describe()))
  const ids = agents.map(({ id }) => id)
  const run = await startLedgerRun(server.client, system.folder, ids)
  await run.started(1)
  // All connections are in use at that moment: the pool has no other left.
  const asked = Array.from({ length: 32 }, () => server.client.instances.list())
  network.swallow()
  const answers = await Promise.allSettled(asked)
  expect(
    answers.filter(({ status }) => status === 'rejected').map((answer) => 'reason' in answer && answer.reason.code),
  ).toEqual(expect.arrayContaining(['DatabaseUnavailable']))
  await run.open()
  await run.ended(1)
  network.restore()
  await isReady()
  expect((await server.client.instances.list()).items).toHaveLength(3)
  await expectTruth(server.client, run)
})

test('work that was locked by a statement whose answer was lost with the database is still done', async () => {
  onTestFailed(() => console.error(system.describe()))
  const ids = agents.map(({ id }) => id)
  const run = await startLedgerRun(server.client, system.folder, ids)
  await run.started(1)
  const worker = await findWorker(run.executionId)
  // The state when the connection breaks after the commit of the lock and before the engine
  // receives it.
  const { rowCount } = await db.pool.query(
    `update graphile_worker._private_jobs set locked_by = $2, locked_at = now() where key = $1 and locked_by is null`,
    [run.executionId, worker],
  )
  expect(rowCount).toBe(1)
  network.cut()
  network.restore()
  await run.open()
  await expectTruth(server.client, run)
})

/**
 * The name in which the server locks work; readable while it cannot finish a job, because another
 * session holds the row lock.
 */
async function findWorker(executionId: string): Promise<string> {
  const holder = await db.pool.connect()
  try {
    await holder.query('begin')
    await holder.query('select from executions where id = $1 for update', [executionId])
    await db.pool.query(
      `select graphile_worker.add_job('reconcile', json_build_object('executionId', $1::text), queue_name => $1, job_key => $1)`,
      [executionId],
    )
    return await lockedBy(executionId, expect.any(String))
  } finally {
    await holder.query('rollback')
    holder.release()
    // Done; the remaining job is the one for the next deadline.
    await lockedBy(executionId, null)
  }
}

const lockedBy = (executionId: string, expected: unknown) =>
  vi.waitFor(
    async () => {
      const { rows } = await db.pool.query('select locked_by from graphile_worker.jobs where key = $1', [executionId])
      expect(rows).toEqual([{ locked_by: expected }])
      return rows[0]?.locked_by as string
    },
    { timeout: 110_000, interval: 20 },
  )
