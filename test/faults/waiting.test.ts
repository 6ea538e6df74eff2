// An agent runs four invocations at once. The fifth waits on the instance, for as long as
// necessary, and no side times it out.
import { afterAll, beforeAll, expect, onTestFailed, test, vi } from 'vitest'
import { parallelInvocations } from '../../src/core/limits.ts'
import { type LedgerRun, startLedgerRun } from './ledger.ts'
import { type Agent, createSystem, type Server, type System } from './system.ts'
import { expectTruth } from './truth.ts'

let system: System
let server: Server
let busy: Agent
let away: Agent

beforeAll(async () => {
  system = await createSystem()
  server = await system.addServer()
  const agents = await system.addAgents(server, ['a1', 'a2'])
  ;[busy, away] = agents as [Agent, Agent]
})
afterAll(() => system.stop())

const patience = { timeout: 110_000, interval: 20 }
const deliveryTimeoutMs = 1_000

const start = (agent: Agent) =>
  startLedgerRun(server.client, system.folder, [agent.id], { deliveryTimeoutMs, rateControl: { concurrency: 1 } })

const stateIs = (run: LedgerRun, agent: Agent, state: string) =>
  vi.waitFor(async () => {
    const { invocations } = await server.client.executions.getTask(run.executionId, agent.id)
    expect(invocations.map((one) => one.state)).toEqual([state])
  }, patience)

/** Resolves when the undelivered invocation has timed out: that of an agent that is away. */
async function deliveryTimeoutPasses(): Promise<void> {
  const undelivered = await start(away)
  await vi.waitFor(async () => {
    const { reasonCode } = await server.client.executions.getTask(undelivered.executionId, away.id)
    expect(reasonCode).toBe('Unreachable')
  }, patience)
}

test('the fifth of five invocations waits beyond the delivery timeout, a restart of the server and of the agent, and runs', async () => {
  onTestFailed(() => console.error(system.describe()))
  await away.kill()
  const running: LedgerRun[] = []
  for (let count = 0; count < parallelInvocations; count++) {
    const run = await start(busy)
    await run.started(1)
    running.push(run)
  }
  const fifth = await start(busy)
  await stateIs(fifth, busy, 'waiting')
  await deliveryTimeoutPasses()
  await stateIs(fifth, busy, 'waiting')

  await server.kill()
  await server.start()
  await busy.program.says(/connected to /)
  await deliveryTimeoutPasses()
  await stateIs(fifth, busy, 'waiting')

  await busy.kill()
  await busy.start()
  await deliveryTimeoutPasses()
  await stateIs(fifth, busy, 'waiting')
  expect(fifth.ledgerOf(busy.id)).toEqual([])

  await running[0]?.open()
  await fifth.started(1)
  for (const run of [fifth, ...running.slice(1)]) await run.open()
  for (const run of [...running, fifth]) await expectTruth(server.client, run)
})
