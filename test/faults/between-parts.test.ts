// kill -9 between two extensions of one execution: each script runs once, in order, whichever
// process is killed and when.
import { readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, onTestFailed, test, vi } from 'vitest'
import { isEnded } from '../../src/core/execution/execution.ts'
import { type Agent, createSystem, type Server, type System } from './system.ts'

let system: System
let server: Server
let agents: Agent[]

const names = ['first', 'second', 'third'] as const
const patience = { timeout: 110_000, interval: 20 }

beforeAll(async () => {
  system = await createSystem()
  server = await system.addServer()
  agents = await system.addAgents(server, ['a1', 'a2'])
  for (const name of names)
    await server.client.extensions.create({
      name,
      type: 'Application',
      description: '',
      versionDescription: '',
      scope: {},
      parameters: { folder: { type: 'String' } },
      configurations: [
        {
          os: 'linux',
          arch: 'any',
          scripts: { install: script },
          verify: [],
          run: { timeoutMs: 600_000, unpack: false, keepWorkspace: 'never' },
        },
      ],
    })
})
afterEach(async () => {
  if (!server.program.isRunning) await server.start()
  for (const agent of agents) if (!agent.program.isRunning) await agent.start()
})
afterAll(() => system.stop())

/** Logs its start, waits for a signal file, and logs its end. */
const script = `#!/bin/sh
folder=$CHANDLER_PARAM_folder
ledger=$folder/$CHANDLER_INSTANCE_ID
echo "$CHANDLER_EXTENSION start" >> "$ledger"
while [ ! -e "$folder/go-$CHANDLER_EXTENSION" ]; do
  [ -d "$folder" ] || exit 99
  sleep 0.02
done
echo "$CHANDLER_EXTENSION end" >> "$ledger"
`

async function start(title: string) {
  const folder = join(system.folder, `ledgers-${title}`)
  await mkdir(folder)
  const { id } = await server.client.executions.start({
    operation: {
      kind: 'extensions',
      action: 'install',
      extensions: names.map((extension) => ({ extension, parameters: { folder } })),
    },
    targets: { kind: 'all' },
  })
  const ledgerOf = (agent: Agent) => readFileSync(join(folder, agent.id), 'utf8').trim().split('\n')
  return {
    open: (name: string) => writeFile(join(folder, `go-${name}`), ''),
    begun: (name: string) =>
      vi.waitFor(() => {
        for (const agent of agents) expect(ledgerOf(agent)).toContain(`${name} start`)
      }, patience),
    executionId: id,
    ledgerOf,
  }
}

async function expectTruth({ executionId, ledgerOf }: Awaited<ReturnType<typeof start>>) {
  const ended = await vi.waitFor(async () => {
    const execution = await server.client.executions.get(executionId)
    expect(isEnded(execution.status), `${execution.status}: ${execution.reason}`).toBe(true)
    return execution
  }, patience)
  expect(ended).toMatchObject({ status: 'Success', counts: { Success: 2 } })
  for (const agent of agents) expect(ledgerOf(agent)).toEqual(names.flatMap((name) => [`${name} start`, `${name} end`]))
}

test('the server is killed while a part runs, and is away when it ends', async () => {
  onTestFailed(() => console.error(system.describe()))
  const run = await start('server')
  await run.begun('first')
  await server.kill()
  await run.open('first')
  await server.start()
  await run.begun('second')
  await server.kill()
  await server.start()
  await run.open('second')
  await run.open('third')
  await expectTruth(run)
})

test('the server is killed at the moments when parts end and the next ones start', async () => {
  onTestFailed(() => console.error(system.describe()))
  const run = await start('moment')
  for (const name of names) {
    await run.open(name)
    // Without waiting for the end of the part: the test targets the moments when the server
    // receives it and the next part starts.
    await server.kill()
    await server.start()
  }
  await expectTruth(run)
})

test('the agents are killed while a part runs', async () => {
  onTestFailed(() => console.error(system.describe()))
  const run = await start('agents')
  for (const name of names) {
    await run.begun(name)
    for (const agent of agents) await agent.kill()
    await run.open(name)
    for (const agent of agents) await agent.start()
  }
  await expectTruth(run)
})
