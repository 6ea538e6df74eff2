import { Logger, run } from 'graphile-worker'
import { expect, test, vi } from 'vitest'
import { createPool } from '../../src/store/database/database.ts'
import { createEnginePool } from '../../src/store/database/engine-pool.ts'
import { startTestDatabase } from '../integration/database/postgres.ts'
import { createTcpProxy } from './tcp-proxy.ts'

test('work whose end cannot be written, because the database is gone, is released when it is back', async () => {
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
  // Bypasses the network that is cut. A failure to write the end must not become an unhandled
  // rejection: it would end a server.
  await db.pool.query(`select graphile_worker.add_job('work', queue_name => 'q')`)
  await vi.waitFor(() => expect(runs).toBe(1), 60_000)
  network.restore()
  const count = async () => (await db.pool.query('select from graphile_worker.jobs')).rowCount
  await vi.waitFor(async () => expect(await count()).toBe(0), { timeout: 110_000, interval: 50 })
  expect(runs).toBe(1)
})

test('the engine waits for an end that is being written while it stops; afterwards nothing uses the pool', async () => {
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
  // The row is locked, so that the engine has stopped before its end can be written.
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
  // The statement that the engine retries later: the answer never comes, and no error.
  const late = await engine.pool.connect()
  void late.query({ name: 'complete_job/graphile_worker', text: 'select 1' })
})

test.for(['40P01', 'XX000'])(
  'work whose end is refused with %s is given back when it is not any more',
  async (code) => {
    await using parts = new AsyncDisposableStack()
    const db = await startTestDatabase()
    parts.defer(() => db.stop())
    const engine = createEnginePool(db.pool)
    const refused = Promise.withResolvers<void>()
    const runner = await run({
      pgPool: engine.pool,
      noHandleSignals: true,
      logger: new Logger(() => () => {}),
      pollInterval: 100,
      crontab: '',
      taskList: { work: async () => refused.resolve() },
    })
    parts.defer(() => engine.close())
    parts.defer(() => runner.stop())
    // A sequence: its counter is not rolled back with the statement.
    await db.pool.query(`
    create sequence refusals;
    create function refuse() returns trigger language plpgsql as $$
      begin
        if nextval('refusals') = 1 then raise exception 'refused' using errcode = '${code}'; end if;
        return old;
      end
    $$;
    create trigger refuse before delete on graphile_worker._private_jobs for each row execute function refuse();
    select graphile_worker.add_job('work')`)
    await refused.promise
    const count = async () => (await db.pool.query('select from graphile_worker.jobs')).rowCount
    await vi.waitFor(async () => expect(await count()).toBe(0), { timeout: 110_000, interval: 50 })
  },
)

test('a listener that breaks while it is stopped releases its connection once', async () => {
  await using parts = new AsyncDisposableStack()
  const db = await startTestDatabase()
  parts.defer(() => db.stop())
  const engine = createEnginePool(db.pool)
  const connected = Promise.withResolvers<(error?: Error) => void>()
  engine.pool.connect((error, _client, release) => (error ? connected.reject(error) : connected.resolve(release)))
  const release = await connected.promise
  release()
  expect(() => release(new Error('broken'))).not.toThrow()
  await engine.close()
  // Its next attempt would come after the end: nothing connects, and nothing is logged.
  engine.pool.connect(() => expect.unreachable())
})
