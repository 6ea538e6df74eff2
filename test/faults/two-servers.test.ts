// Two servers on one database and one object store, with agents on both: one of them is killed
// permanently, the other takes over.
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, onTestFailed, test, vi } from 'vitest'
import { startTestDatabase, type TestDatabase } from '../integration/database/postgres.ts'
import { startLedgerRun } from './ledger.ts'
import { type Agent, createSystem, type Server, type System } from './system.ts'
import { createTcpProxy, type TcpProxy } from './tcp-proxy.ts'
import { expectTruth } from './truth.ts'

let system: System
let db: TestDatabase
let servers: [Server, Server]
/** In front of each server, like a load balancer. */
let networks: [TcpProxy, TcpProxy]
let agents: Agent[]

const addressOf = (server: Server) => ({ host: '127.0.0.1', port: Number(new URL(server.url).port) })

beforeAll(async () => {
  system = await createSystem()
  db = await startTestDatabase()
  const environment = {
    DATABASE_URL: db.url,
    CHANDLER_SECRET_KEY: randomBytes(32).toString('base64'),
    CHANDLER_OBJECTS: join(system.folder, 'objects'),
  }
  const first = await system.addServer({ name: 's1', environment })
  const second = await system.addServer({ name: 's2', environment })
  servers = [first, second]
  networks = [await createTcpProxy(addressOf(first)), await createTcpProxy(addressOf(second))]
  agents = [
    ...(await system.addAgents(first, ['a1', 'a2'], () => networks[0].url)),
    ...(await system.addAgents(second, ['b1', 'b2'], () => networks[1].url)),
  ]
})
afterEach(async () => {
  for (const [index, server] of servers.entries()) {
    if (!server.program.isRunning) await server.start()
    networks[index]?.pointTo(addressOf(server))
  }
})
afterAll(async () => {
  await system.stop()
  for (const network of networks) await network.stop()
  await db.stop()
})

test.each([
  { dies: 0, lives: 1 },
  { dies: 1, lives: 0 },
])(
  'server $dies is killed in the middle of a batch install: server $lives takes over its work and its agents',
  async ({ dies, lives }) => {
    onTestFailed(() => console.error(system.describe()))
    const [dead, alive] = [servers[dies], servers[lives]] as [Server, Server]
    const ids = agents.map(({ id }) => id)
    const run = await startLedgerRun(dead.client, system.folder, ids, {
      exits: { [ids[1] ?? '']: 9 },
      artifactBytes: 300_000,
      rateControl: { mode: 'Batch', batches: [2, 1], maxErrors: '100%' },
    })
    await run.started(2)
    await dead.kill()
    networks[dies]?.pointTo(addressOf(alive))
    await run.open()
    await expectTruth(alive.client, run)
    // The next test finds all agents at the remaining server.
    const next = await startLedgerRun(alive.client, system.folder, ids)
    await next.open()
    await expectTruth(alive.client, next)
  },
)

test('both serve the same execution: started at one, run on agents of both, followed at the other', async () => {
  onTestFailed(() => console.error(system.describe()))
  const ids = agents.map(({ id }) => id)
  const run = await startLedgerRun(servers[0].client, system.folder, ids, { artifactBytes: 300_000 })
  await run.open()
  await expectTruth(servers[1].client, run)
  await expectTruth(servers[0].client, run)
})

test('a server that is killed in the middle of a job: the other one takes the job over within seconds', async () => {
  onTestFailed(() => console.error(system.describe()))
  const [dead, alive] = servers
  const run = await startLedgerRun(
    dead.client,
    system.folder,
    agents.map(({ id }) => id),
    { rateControl: { mode: 'Batch', batches: [2, 2], maxErrors: '100%' } },
  )
  await run.started(2)
  // Only the server that is about to die can take the work; and it cannot finish it, because
  // another session holds the row lock.
  alive.program.signal('SIGSTOP')
  const holder = await db.pool.connect()
  try {
    await holder.query('begin')
    await holder.query('select from executions where id = $1 for update', [run.executionId])
    await db.pool.query(
      `select graphile_worker.add_job('reconcile', json_build_object('executionId', $1::text), queue_name => $1, job_key => $1)`,
      [run.executionId],
    )
    await vi.waitFor(
      async () => {
        const { rows } = await db.pool.query('select locked_by from graphile_worker.jobs where key = $1', [
          run.executionId,
        ])
        expect(rows).toEqual([{ locked_by: expect.any(String) }])
      },
      { timeout: 110_000, interval: 20 },
    )
    await dead.kill()
  } finally {
    await holder.query('rollback')
    holder.release()
    alive.program.signal('SIGCONT')
  }
  networks[0].pointTo(addressOf(alive))
  await run.open()
  await expectTruth(alive.client, run)
  // The execution did not wait for it, but the job that died with its server is not left behind
  // either.
  const takenOver = () =>
    alive.program.log.filter((line) => line.includes('jobs of dead server processes are taken over'))
  await vi.waitFor(() => expect(takenOver()).toHaveLength(1), { timeout: 110_000 })
})

test('a server that is suspended in the middle of a transaction: the other one continues within seconds', async () => {
  onTestFailed(() => console.error(system.describe()))
  const [suspended, alive] = servers
  const run = await startLedgerRun(
    suspended.client,
    system.folder,
    agents.map(({ id }) => id),
    { rateControl: { mode: 'Batch', batches: [2, 2], maxErrors: '100%' } },
  )
  await run.started(2)
  // Its statement waits for the row, it is suspended, and then it gets the row: it holds the lock
  // in a transaction that never ends.
  alive.program.signal('SIGSTOP')
  const holder = await db.pool.connect()
  try {
    await holder.query('begin')
    await holder.query('select from executions where id = $1 for update', [run.executionId])
    await db.pool.query(
      `select graphile_worker.add_job('reconcile', json_build_object('executionId', $1::text), job_key => $1)`,
      [run.executionId],
    )
    const countWaiting = async () =>
      (
        await db.pool.query(
          "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
        )
      ).rowCount
    await vi.waitFor(async () => expect(await countWaiting()).toBe(1), { timeout: 110_000, interval: 20 })
    suspended.program.signal('SIGSTOP')
  } finally {
    await holder.query('rollback')
    holder.release()
    alive.program.signal('SIGCONT')
  }
  networks[0].cut()
  networks[0].restore()
  networks[0].pointTo(addressOf(alive))
  try {
    await run.open()
    await expectTruth(alive.client, run)
  } finally {
    suspended.program.signal('SIGCONT')
  }
  // Its locks are released; it serves again, with a new worker.
  const next = await startLedgerRun(
    suspended.client,
    system.folder,
    agents.map(({ id }) => id),
  )
  await next.open()
  await expectTruth(suspended.client, next)
})
