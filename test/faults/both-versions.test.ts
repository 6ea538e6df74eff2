// An upgrade of three servers, one after the other, while agents are connected and executions run: in between, servers of
// an earlier release and of this one work on the same database. The earlier release is recorded in `previous-version`.
import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, onTestFailed, test } from 'vitest'
import { createClient } from '../../src/client/client.ts'
import { startTestDatabase, type TestDatabase } from '../integration/database/postgres.ts'
import { projectRoot } from '../rules/project-files.ts'
import { type Haproxy, haproxyPath, startHaproxy } from './haproxy.ts'
import { type LedgerRun, startLedgerRun } from './ledger.ts'
import { unpackPreviousRelease } from './previous-release.ts'
import { startProgram } from './program.ts'
import { accessKey, createSystem, type Server, type System } from './system.ts'
import { expectTruth } from './truth.ts'

let system: System
let db: TestDatabase
let previous: string
let haproxy: Haproxy
let environment: Readonly<Record<string, string>>

beforeAll(async () => {
  if (haproxyPath === undefined) return
  system = await createSystem()
  previous = await unpackPreviousRelease(join(system.folder, 'previous'))
  db = await startTestDatabase({ migrated: false })
  environment = {
    DATABASE_URL: db.url,
    CHANDLER_SECRET_KEY: randomBytes(32).toString('base64'),
    CHANDLER_OBJECTS: join(system.folder, 'objects'),
    CHANDLER_TRUSTED_PROXIES: '127.0.0.1',
  }
}, 240_000)
beforeEach(({ skip }) => skip(haproxyPath === undefined, 'this machine has no HAProxy, and apt-get cannot fetch it'))
afterAll(async () => {
  await haproxy?.stop()
  await system?.stop()
  await db?.stop()
})

const countMigrations = async (): Promise<number> =>
  (await db.pool.query<{ count: number }>('select count(*)::int from schema_migrations')).rows[0]?.count ?? 0

/** Lets the scripts that have started end. */
async function openStarted(run: LedgerRun): Promise<void> {
  await run.open(...run.instanceIds.filter((id) => run.ledgerOf(id).some(({ word }) => word === 'start')))
}

test('servers are upgraded one after the other while executions run: nothing is lost, nothing runs twice', async () => {
  onTestFailed(() => console.error(system.describe()))
  const servers: Server[] = []
  for (const name of ['s1', 's2', 's3']) servers.push(await system.addServer({ name, environment, release: previous }))
  const [first, second, third] = servers as [Server, Server, Server]
  haproxy = await startHaproxy(
    system.folder,
    servers.map(({ url }) => url),
  )
  const client = createClient({ server: haproxy.url, ...accessKey })
  const names = ['a1', 'a2', 'a3', 'a4', 'a5', 'a6']
  const agents = await system.addAgents(first, names, () => haproxy.url, previous)
  const ids = agents.map(({ id }) => id)
  const start = () =>
    startLedgerRun(client, system.folder, ids, {
      exits: { [ids[4] ?? '']: 7 },
      artifactBytes: 300_000,
      rateControl: { mode: 'Batch', batches: [2, 2, 2], maxErrors: '100%' },
    })
  const earlierSchema = await countMigrations()

  const ended = await start()
  await ended.open()
  await expectTruth(client, ended)

  // Started by the earlier release; its batches are run by both, and it ends with the newest.
  const run = await start()
  await run.started(2)
  await first.program.end('SIGTERM')
  await first.start(projectRoot)
  expect(await countMigrations()).toBeGreaterThan(earlierSchema)
  await openStarted(run)
  await run.started(4)
  // Both releases serve requests, and start executions.
  for (const server of servers) expect((await server.client.executions.get(run.executionId)).status).toBe('Running')
  const [byNewest, byEarlier] = await Promise.all([
    startLedgerRun(first.client, system.folder, ids),
    startLedgerRun(third.client, system.folder, ids),
  ])
  await Promise.all([byNewest.open(), byEarlier.open()])
  await expectTruth(first.client, byEarlier)
  await expectTruth(third.client, byNewest)

  await second.program.end('SIGTERM')
  await second.start(projectRoot)
  await openStarted(run)
  await run.started(6)
  await third.kill()
  await third.start(projectRoot)
  await run.open()
  for (const server of servers) await expectTruth(server.client, run)
  // What the earlier release recorded is unchanged.
  await expectTruth(client, ended)

  // Agents of both releases.
  for (const agent of agents.slice(0, 3)) {
    await agent.program.end('SIGTERM')
    await agent.start(projectRoot)
  }
  const last = await start()
  await last.open()
  await expectTruth(client, last)
})

test('a server of the earlier release does not start on the new schema, and says what to do; nothing changes', async () => {
  const before = await countMigrations()
  const data = join(system.folder, 'downgraded')
  const args = ['server', '--data', data, '--listen', '127.0.0.1:0']
  const program = startProgram(args, environment, [process.execPath, join(previous, 'bin/chandler.mjs')])
  expect(await program.ended).toBe(1)
  expect(program.log.join('\n')).toMatch(
    /has schema version \d+; this program supports versions up to \d+\. Start the program version that created the schema, or a newer one\./,
  )
  expect(await countMigrations()).toBe(before)
  await rm(data, { recursive: true, force: true })
})
