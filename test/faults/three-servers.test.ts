// Three servers on one external PostgreSQL behind HAProxy, with agents spread over them. Any two servers are killed in
// turn, and PostgreSQL restarts, while executions run: nothing is lost, and nothing runs twice.
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFailed, test, vi } from 'vitest'
import { type Client, createClient } from '../../src/client/client.ts'
import { makeFixture, type Owner } from '../integration/database/embedded-postgres-fixture.ts'
import { type Haproxy, haproxyPath, startHaproxy } from './haproxy.ts'
import { type LedgerRun, startLedgerRun } from './ledger.ts'
import { type Agent, accessKey, createSystem, type Server, type System } from './system.ts'
import { expectTruth } from './truth.ts'

let system: System
let fixture: Awaited<ReturnType<typeof makeFixture>>
let postgres: Owner
let haproxy: Haproxy
let servers: Server[]
let agents: Agent[]
/** Through HAProxy. */
let client: Client

beforeAll(async () => {
  if (haproxyPath === undefined) return
  system = await createSystem()
  fixture = await makeFixture()
  postgres = await fixture.startOwner(join(fixture.folder, 'database'))
  const { host, port, user, password, database } = postgres.connection
  const environment = {
    DATABASE_URL: `postgresql:///${database}?user=${user}&password=${encodeURIComponent(password)}&host=${encodeURIComponent(host)}&port=${port}`,
    CHANDLER_SECRET_KEY: randomBytes(32).toString('base64'),
    CHANDLER_OBJECTS: join(system.folder, 'objects'),
    CHANDLER_TRUSTED_PROXIES: '127.0.0.1',
  }
  servers = []
  for (const name of ['s1', 's2', 's3']) servers.push(await system.addServer({ name, environment }))
  haproxy = await startHaproxy(
    system.folder,
    servers.map(({ url }) => url),
  )
  client = createClient({ server: haproxy.url, ...accessKey })
  const names = ['a1', 'a2', 'a3', 'a4', 'a5', 'a6']
  agents = await system.addAgents(servers[0] as Server, names, () => haproxy.url)
}, 240_000)
beforeEach(({ skip }) => skip(haproxyPath === undefined, 'this machine has no HAProxy, and apt-get cannot fetch it'))
afterEach(async () => {
  for (const server of servers ?? []) if (!server.program.isRunning) await server.start()
})
afterAll(async () => {
  await haproxy?.stop()
  await system?.stop()
  await postgres?.end('SIGKILL')
  await fixture?.stop()
})

const start = (): Promise<LedgerRun> =>
  vi.waitFor(
    // HAProxy notices a server that has just been started or killed within a second or two.
    async () => {
      expect((await client.instances.list({ status: 'online' })).items).toHaveLength(agents.length)
      return startLedgerRun(
        client,
        system.folder,
        agents.map(({ id }) => id),
        {
          exits: { [agents[4]?.id ?? '']: 7 },
          artifactBytes: 300_000,
          rateControl: { mode: 'Batch', batches: [2, 2, 2], maxErrors: '100%' },
        },
      )
    },
    { timeout: 120_000, interval: 500 },
  )

/** Lets the scripts of a batch end: the two that have started and not ended. */
async function openStarted(run: LedgerRun): Promise<void> {
  const begun = run.instanceIds.filter((id) => run.ledgerOf(id).some(({ word }) => word === 'start'))
  await run.open(...begun)
}

test('agents are spread over the servers', async () => {
  onTestFailed(() => console.error(system.describe()))
  const counts = await Promise.all(
    servers.map(async (server) => {
      const authorization = `Basic ${btoa(`${accessKey.accessKeyId}:${accessKey.accessKeySecret}`)}`
      const text = await (await fetch(`${server.url}/metrics`, { headers: { authorization } })).text()
      expect(/^chandler_servers (\d+)$/m.exec(text)?.[1]).toBe('3')
      return Number(/^chandler_agents_connected (\d+)$/m.exec(text)?.[1])
    }),
  )
  expect(counts.reduce((sum, count) => sum + count)).toBe(6)
  expect(Math.min(...counts), counts.join(' ')).toBeGreaterThan(0)
})

test.each([
  [0, 1],
  [1, 2],
  [2, 0],
])('servers %i and %i are killed in turn while an execution runs: the third one completes it', async (...dying) => {
  onTestFailed(() => console.error(system.describe()))
  const run = await start()
  await run.started(2)
  await servers[dying[0] as number]?.kill()
  await openStarted(run)
  await run.started(4)
  await servers[dying[1] as number]?.kill()
  await run.open()
  await expectTruth(client, run)
})

test.each(['SIGKILL', 'SIGINT'] as const)(
  'PostgreSQL is ended with %s and starts again while an execution runs: every server continues',
  async (signal) => {
    onTestFailed(() => console.error(system.describe()))
    const run = await start()
    await run.started(2)
    const file = join(postgres.clusterDirectory, 'postmaster.pid')
    process.kill(Number.parseInt(await readFile(file, 'utf8'), 10), signal)
    await openStarted(run)
    await run.open()
    for (const server of servers)
      await vi.waitFor(async () => expect((await fetch(`${server.url}/readyz`)).status).toBe(200), {
        timeout: 120_000,
        interval: 200,
      })
    await expectTruth(client, run)
    expect(servers.map(({ program }) => program.isRunning)).toEqual([true, true, true])
  },
)
