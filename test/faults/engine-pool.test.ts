import { Logger, run } from 'graphile-worker'
import { expect, test, vi } from 'vitest'
import { createPool } from '../../src/store/database.ts'
import { createEnginePool } from '../../src/store/engine-pool.ts'
import { startTestDatabase } from '../integration/postgres.ts'
import { createTcpProxy } from './tcp-proxy.ts'

test('work whose end cannot be written down, because the database is gone, is given back when that is there again', async () => {
  await using parts = new AsyncDisposableStack()
  const db = await startTestDatabase()
  parts.defer(() => db.stop())
  const { host, port, user, database } = db.connection
  const network = await createTcpProxy({ path: `${host}/.s.PGSQL.${port}` })
  parts.defer(() => network.stop())
  const pool = createPool({ host: '127.0.0.1', port: network.port, user, database }, () => {})
  parts.defer(() => pool.end())

  let runs = 0
  const runner = await run({
    pgPool: createEnginePool(pool).pool,
    noHandleSignals: true,
    logger: new Logger(() => () => {}),
    pollInterval: 100,
    crontab: '',
    taskList: {
      work: async () => {
        runs += 1
        network.cut()
      },
    },
  })
  parts.defer(() => runner.stop())
  // Past the network that is cut. That the end cannot be written down must not become an unhandled rejection: it would end a server.
  await db.pool.query(`select graphile_worker.add_job('work', queue_name => 'q')`)
  await vi.waitFor(() => expect(runs).toBe(1), 20_000)
  network.restore()
  const count = async () => (await db.pool.query('select from graphile_worker.jobs')).rowCount
  await vi.waitFor(async () => expect(await count()).toBe(0), { timeout: 60_000, interval: 50 })
  expect(runs).toBe(1)
})

test('the end of work that is written down while the engine stops is waited for; afterwards nothing uses the pool', async () => {
  await using parts = new AsyncDisposableStack()
  const db = await startTestDatabase()
  parts.defer(() => db.stop())
  const pool = createPool(db.connection, () => {})
  const engine = createEnginePool(pool)
  const begun = Promise.withResolvers<void>()
  const end = Promise.withResolvers<void>()
  const runner = await run({
    pgPool: engine.pool,
    noHandleSignals: true,
    logger: new Logger(() => () => {}),
    crontab: '',
    taskList: {
      work: () => {
        begun.resolve()
        return end.promise
      },
    },
  })
  await db.pool.query(`select graphile_worker.add_job('work')`)
  await begun.promise
  // The row is locked, so that the engine has stopped before its end can be written down.
  const locker = await db.pool.connect()
  await locker.query('begin')
  await locker.query('select from graphile_worker._private_jobs for update')
  const stopping = runner.stop()
  end.resolve()
  await stopping
  const closing = engine.close()
  await locker.query('commit')
  locker.release()
  await closing
  await pool.end()
  expect((await db.pool.query('select from graphile_worker.jobs')).rowCount).toBe(0)
  // What the engine tries again later: the answer never comes, and no error.
  const late = await engine.pool.connect()
  void late.query({ name: 'complete_job/graphile_worker', text: 'select 1' })
})
