// kill -9 of the embedded PostgreSQL at every point of a batch install: the server survives and
// restarts it.
import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest'
import { createSeededRandom } from '../../src/agent/simulate/seeded-random.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { killPoints } from './kill-points.ts'
import { type LedgerOptions, startLedgerRun } from './ledger.ts'
import { createSystem, type Server, type System } from './system.ts'
import { expectTruth, watchLive } from './truth.ts'

let system: System
let server: Server
let ids: string[]

beforeAll(async () => {
  system = await createSystem()
  server = await system.addServer()
  ids = (await system.addAgents(server, ['a1', 'a2', 'a3', 'a4'])).map(({ id }) => id)
})
afterAll(() => system.stop())

const start = (options: LedgerOptions = {}) =>
  startLedgerRun(server.client, system.folder, ids, { exits: { [ids[0] ?? '']: 5, [ids[2] ?? '']: 2 }, ...options })

test.each(killPoints)('PostgreSQL is killed $at', async ({ options, reach }) => {
  onTestFailed(() => console.error(system.describe()))
  const { pid } = server.program
  const run = await start(options)
  const watched = watchLive(server.client, run.executionId)
  await reach(run, server.client)
  await server.killDatabase()
  await run.open()
  await expectTruth(server.client, run)
  const { items } = await server.client.executions.listTasks(run.executionId)
  expect(await watched).toEqual(Object.fromEntries(items.map(({ instanceId, status }) => [instanceId, status])))
  expect([server.program.isRunning, server.program.pid]).toEqual([true, pid])
})

const seed = 20_260_612

test(`PostgreSQL is killed at six random moments of three installs (seed ${seed})`, async () => {
  onTestFailed(() => console.error(system.describe()))
  const random = createSeededRandom(seed)
  // A new server starts without the backoff that this one has accumulated before each start of its
  // PostgreSQL.
  await server.program.end('SIGTERM')
  await server.start()
  const rateControl: LedgerOptions['rateControl'] = { mode: 'Batch', batches: [1, 1, 2], maxErrors: '100%' }
  // Slow enough to leave work for the last kill.
  const options: LedgerOptions = { pace: '0.1', rateControl }
  const runs = [await start(options), await start(options), await start(options)]
  for (const run of runs) await run.open()
  for (let kill = 0; kill < 6; kill++) {
    // No wait: the test targets the moment itself.
    await systemClock.wait(random() * 1_500)
    // Between its end and its next start there is none to kill.
    await server.killDatabase().catch(() => {})
  }
  for (const run of runs) await expectTruth(server.client, run)
})
