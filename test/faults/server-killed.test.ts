// kill -9 of the server at every point of a batch install: after a restart the server completes it
// with the true results.
import { afterAll, afterEach, beforeAll, expect, onTestFailed, test } from 'vitest'
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
afterEach(async () => {
  // A process that a failed test killed must not fail the next one.
  if (!server.program.isRunning) await server.start()
})
afterAll(() => system.stop())

const start = (options: LedgerOptions = {}) =>
  startLedgerRun(server.client, system.folder, ids, { exits: { [ids[1] ?? '']: 3, [ids[3] ?? '']: 41 }, ...options })

test.each(killPoints)('the server is killed $at', async ({ options, reach }) => {
  onTestFailed(() => console.error(system.describe()))
  const run = await start(options)
  const watched = watchLive(server.client, run.executionId)
  await reach(run, server.client)
  await server.kill()
  await run.open()
  await server.start()
  await expectTruth(server.client, run)
  const { items } = await server.client.executions.listTasks(run.executionId)
  expect(await watched).toEqual(Object.fromEntries(items.map(({ instanceId, status }) => [instanceId, status])))
})

test('the server and its PostgreSQL are killed together', async () => {
  onTestFailed(() => console.error(system.describe()))
  const run = await start()
  await run.started(1)
  await Promise.all([server.kill(), server.killDatabase()])
  await run.open()
  await server.start()
  await expectTruth(server.client, run)
})

const seed = 20_260_611

test(`the server is killed at ten random moments of three installs, some while it starts (seed ${seed})`, async () => {
  onTestFailed(() => console.error(system.describe()))
  const random = createSeededRandom(seed)
  const rateControl: LedgerOptions['rateControl'] = { mode: 'Batch', batches: [1, 1, 2], maxErrors: '100%' }
  // Slow enough to leave work for the last kill.
  const options: LedgerOptions = { pace: '0.15', rateControl }
  const runs = [await start(options), await start(options), await start(options)]
  for (const run of runs) await run.open()
  for (let kill = 0; kill < 10; kill++) {
    // No wait: the test targets the moment itself.
    await systemClock.wait(random() * 2_500)
    await server.kill()
    // If it was killed before it listened, the log shows it.
    server.start().catch(() => {})
  }
  await server.program.says(/^chandler listening on /)
  for (const run of runs) await expectTruth(server.client, run)
})
