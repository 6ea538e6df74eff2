// kill -9 of an agent at every point of its work, alone and together with the server: its script
// runs once, and its real end is reported.
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, onTestFailed, test, vi } from 'vitest'
import { type LedgerOptions, type LedgerRun, startLedgerRun } from './ledger.ts'
import { type Agent, createSystem, type Server, type System } from './system.ts'
import { createTcpProxy, type TcpProxy } from './tcp-proxy.ts'
import { expectTruth } from './truth.ts'

let system: System
let server: Server
/** Between the victim and the server. */
let network: TcpProxy
let victim: Agent
let others: Agent[]
let ids: string[]

beforeAll(async () => {
  system = await createSystem()
  server = await system.addServer()
  network = await createTcpProxy({ host: '127.0.0.1', port: Number(new URL(server.url).port) })
  const agents = await system.addAgents(server, ['a1', 'a2', 'a3'], (name) =>
    name === 'a1' ? network.url : server.url,
  )
  ids = agents.map(({ id }) => id)
  ;[victim, ...others] = agents as [Agent, ...Agent[]]
})
afterEach(async () => {
  // Processes and connections that a failed test left broken must not fail the next one.
  network.restore()
  if (!server.program.isRunning) await server.start()
  if (!victim.program.isRunning) await victim.start()
})
afterAll(async () => {
  await system.stop()
  await network.stop()
})

/** The victim truly fails with 17; one batch of three contains all instances. */
const start = (options: LedgerOptions = {}) =>
  startLedgerRun(server.client, system.folder, ids, {
    exits: { [victim.id]: 17 },
    rateControl: { mode: 'Batch', batches: [3], maxErrors: '100%' },
    ...options,
  })

const patience = { timeout: 110_000, interval: 10 }

const stateIs = (run: LedgerRun, state: string) =>
  vi.waitFor(async () => {
    const { invocations } = await server.client.executions.getTask(run.executionId, victim.id)
    expect(invocations.map((one) => one.state)).toEqual([state])
  }, patience)

const hasEnded = (run: LedgerRun, id: string) =>
  vi.waitFor(() => expect(run.ledgerOf(id).at(-1)?.word).toBe('end'), patience)

interface Point {
  readonly at: string
  readonly options?: LedgerOptions
  /** Starts the installation and brings the victim to that point. */
  readonly reach: (options?: LedgerOptions) => Promise<LedgerRun>
}

const points: Point[] = [
  {
    at: 'before there is work for it',
    reach: async () => {
      await victim.kill()
      await vi.waitFor(async () => {
        expect((await server.client.instances.get(victim.id)).status).toBe('offline')
      }, patience)
      const run = await start()
      await stateIs(run, 'queued')
      return run
    },
  },
  {
    at: 'before it read what it was handed',
    reach: async () => {
      victim.program.signal('SIGSTOP')
      const run = await start()
      await stateIs(run, 'sent')
      return run
    },
  },
  {
    at: 'after it was handed what never reached it',
    reach: async () => {
      const held = network.holdFrom((piece) => piece.includes('"invocations":[{'))
      const run = await start()
      await held
      await stateIs(run, 'sent')
      return run
    },
  },
  {
    at: 'while it downloads',
    reach: async () => {
      const held = network.holdFrom((_piece, passedBytes) => passedBytes > 2_000_000)
      const run = await start({ artifactBytes: 6 * 1024 * 1024 })
      expect(await held).toContain('GET /artifacts/')
      await stateIs(run, 'downloading')
      return run
    },
  },
  {
    at: 'while its script runs',
    reach: async () => {
      const run = await start()
      await run.started(3)
      return run
    },
  },
  {
    at: 'while its script prints',
    reach: async () => {
      const run = await start({ lines: 200, pace: '0.01' })
      await run.open()
      await vi.waitFor(async () => {
        const { items } = await server.client.executions.listOutput(run.executionId, { instanceId: victim.id })
        expect(items.length).toBeGreaterThan(4)
      }, patience)
      return run
    },
  },
  {
    at: 'after its script ended, before it could say so',
    reach: async () => {
      const run = await start()
      await run.started(3)
      network.cut()
      await run.open(victim.id)
      await hasEnded(run, victim.id)
      return run
    },
  },
  {
    at: 'after it said so, before it heard that it was heard',
    reach: async () => {
      const run = await start()
      await run.started(3)
      const held = network.holdFrom((piece) => piece.includes('"type":"ack"'))
      await run.open(victim.id)
      await held
      await stateIs(run, 'failed')
      return run
    },
  },
]

test.each(points)('the agent is killed $at', async ({ reach }) => {
  onTestFailed(() => console.error(system.describe()))
  const run = await reach()
  await victim.kill()
  // Running scripts continue, and end without an agent.
  const isRunning = run.ledgerOf(victim.id).length > 0
  await run.open()
  if (isRunning) await hasEnded(run, victim.id)
  network.restore()
  await victim.start()
  await expectTruth(server.client, run)
})

/** Incomplete files of the agent. */
async function readPartBytes(state: string): Promise<number> {
  const names = await readdir(state, { recursive: true })
  const parts = await Promise.all(names.filter((name) => name.endsWith('.part')).map((name) => stat(join(state, name))))
  return parts.reduce((sum, { size }) => sum + size, 0)
}

test('a download that a kill interrupted resumes', async () => {
  onTestFailed(() => console.error(system.describe()))
  const held = network.holdFrom((_piece, passedBytes) => passedBytes > 2_000_000)
  const run = await start({ artifactBytes: 6 * 1024 * 1024 })
  await held
  // Bytes that passed the network may still be in a buffer of the system.
  await expect.poll(() => readPartBytes(join(system.folder, 'a1'))).toBeGreaterThan(1_000_000)
  await victim.kill()
  const before = network.asked.length
  network.restore()
  await run.open()
  await victim.start()
  await expectTruth(server.client, run)
  const downloads = network.asked.slice(before).filter((asked) => asked.startsWith('GET /artifacts/'))
  expect(downloads).toHaveLength(1)
  expect(downloads[0]).toMatch(/^range: bytes=[1-9]\d{5,}-/im)
})

test('killed and restarted while its script runs: further output is reported live', async () => {
  onTestFailed(() => console.error(system.describe()))
  const run = await start()
  await run.started(3)
  await victim.kill()
  await victim.start()
  await run.open()
  await expectTruth(server.client, run)
})

test('killed with its script and all its watchers: it reports Interrupted, and does not run it again', async () => {
  onTestFailed(() => console.error(system.describe()))
  const run = await start()
  await run.started(3)
  await vi.waitFor(async () => {
    const { items } = await server.client.executions.listOutput(run.executionId, { instanceId: victim.id })
    expect(items.length).toBeGreaterThanOrEqual(2)
  }, 60_000)
  const [script = 0, supervisor = 0] = run.ledgerOf(victim.id)[0]?.numbers ?? []
  await victim.kill()
  for (const pid of [supervisor, script]) process.kill(pid, 'SIGKILL')
  await run.open()
  await victim.start()
  await expectTruth(server.client, run, { instanceId: victim.id, reasonCodes: ['Interrupted'] })
})

test('the agent and the server are killed together', async () => {
  onTestFailed(() => console.error(system.describe()))
  const run = await start()
  await run.started(3)
  await Promise.all([victim.kill(), server.kill()])
  await run.open()
  await hasEnded(run, victim.id)
  await Promise.all([server.start(), victim.start()])
  await expectTruth(server.client, run)
})

test('everything is killed at once: every agent, the server, PostgreSQL', async () => {
  onTestFailed(() => console.error(system.describe()))
  const run = await start({ rateControl: { mode: 'Batch', batches: [2, 1], maxErrors: '100%' } })
  await run.started(2)
  const agents = [victim, ...others]
  await Promise.all([...agents.map((agent) => agent.kill()), server.kill(), server.killDatabase()])
  await run.open()
  await server.start()
  await Promise.all(agents.map((agent) => agent.start()))
  await expectTruth(server.client, run)
})

test('the network between them is cut while the script runs, for longer than it runs', async () => {
  onTestFailed(() => console.error(system.describe()))
  const run = await start()
  await run.started(3)
  network.cut()
  await run.open()
  await hasEnded(run, victim.id)
  const task = await server.client.executions.getTask(run.executionId, victim.id)
  expect(task.status).toBe('Running')
  network.restore()
  await expectTruth(server.client, run)
})
