// Effects on an instance while its agent is away: cancels that it missed, records that were rolled
// back.
import { cp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFailed, test, vi } from 'vitest'
import { isEnded } from '../../src/core/execution/execution.ts'
import type { VersionInput } from '../../src/protocol/api/extensions.ts'
import { startProgram } from './program.ts'
import { type Agent, accessKey, createSystem, type Server, type System } from './system.ts'

let system: System
let server: Server
let agent: Agent

beforeAll(async () => {
  system = await createSystem()
  server = await system.addServer()
  ;[agent] = (await system.addAgents(server, ['a1'])) as [Agent]
})
afterAll(() => system.stop())

const patience = { timeout: 110_000, interval: 50 }

/** Each script logs its start, waits until its file is removed, and logs its end. */
function makeVersion(name: string, version: number): VersionInput {
  const script = (what: string) =>
    `#!/bin/sh\ncd ${system.folder} || exit 9\necho "begin ${what} v${version}" >> ${name}.ledger\nuntil [ -e ${name}-${what}-v${version} ]; do sleep 0.05; [ -e ${name}.ledger ] || exit 9; done\necho "end ${what} v${version}" >> ${name}.ledger\n`
  return {
    versionDescription: '',
    scope: {},
    parameters: {},
    configurations: [
      {
        os: 'linux',
        arch: 'any',
        scripts: { install: script('install'), uninstall: script('uninstall') },
        verify: [],
        run: { timeoutMs: 600_000, unpack: false, keepWorkspace: 'never' },
      },
    ],
  }
}

const ledgerOf = async (name: string) =>
  (await readFile(join(system.folder, `${name}.ledger`), 'utf8').catch(() => ''))
    .split('\n')
    .filter((line) => line !== '')
const release = (name: string, what: string) => writeFile(join(system.folder, `${name}-${what}`), '')

async function start(name: string, action: 'install' | 'update', version: string): Promise<string> {
  const targets = { kind: 'ids' as const, ids: [agent.id] }
  const { id } = await server.client.executions.start({ action, extension: name, version, targets, rateControl: {} })
  return id
}

const untilEnded = (id: string) =>
  vi.waitFor(async () => {
    const { status } = await server.client.executions.get(id)
    expect(isEnded(status)).toBe(true)
    return status
  }, patience)

const installed = async () => {
  const { installed: whole, broken } = await server.client.instances.get(agent.id)
  return { whole: whole.map(nameOf), broken: broken.map(nameOf) }
}
const nameOf = (one: { extension: string; version: string }) => `${one.extension} ${one.version}`

test('a cancel that an agent missed takes effect when it is back: nothing starts after it', async () => {
  onTestFailed(() => console.error(system.describe()))
  const name = 'cancelled'
  await server.client.extensions.create({ name, type: 'Application', description: '', ...makeVersion(name, 1) })
  await release(name, 'install-v1')
  expect(await untilEnded(await start(name, 'install', 'v1'))).toBe('Success')
  await server.client.extensions.createVersion(name, makeVersion(name, 2))

  const id = await start(name, 'update', 'v2')
  await vi.waitFor(async () => expect(await ledgerOf(name)).toContain('begin uninstall v1'), patience)
  await agent.kill()
  await server.client.executions.cancel(id)
  expect(await untilEnded(id)).toBe('Cancelled')
  expect((await server.client.executions.getTask(id, agent.id)).reasonCode).toBe('CancelUnconfirmed')

  await agent.start()
  await vi.waitFor(async () => {
    const { invocations } = await server.client.executions.getTask(id, agent.id)
    expect(invocations.map(({ state }) => state)).toEqual(['cancelled'])
  }, patience)
  // The running script was ended, and no other script has started.
  expect((await ledgerOf(name)).slice(2)).toEqual(['begin uninstall v1'])
  expect(await installed()).toEqual({ whole: [], broken: [`${name} v1`] })
})

test('the server believes an instance whose records were rolled back, and shows the difference', async () => {
  onTestFailed(() => console.error(system.describe()))
  const name = 'reverted'
  await server.client.extensions.create({ name, type: 'Application', description: '', ...makeVersion(name, 1) })
  await server.client.extensions.createVersion(name, makeVersion(name, 2))
  for (const what of ['install-v1', 'install-v2', 'uninstall-v1']) await release(name, what)
  const records = join(system.folder, agent.name, 'installed')
  const snapshot = join(system.folder, 'snapshot')
  expect(await untilEnded(await start(name, 'install', 'v1'))).toBe('Success')
  await cp(records, snapshot, { recursive: true, preserveTimestamps: true })
  expect(await untilEnded(await start(name, 'update', 'v2'))).toBe('Success')
  expect((await installed()).whole).toEqual([`${name} v2`])

  await agent.kill()
  await rm(records, { recursive: true })
  await cp(snapshot, records, { recursive: true, preserveTimestamps: true })
  await agent.start()
  await vi.waitFor(async () => expect((await installed()).whole).toEqual([`${name} v1`]), patience)
  const { drift } = await server.client.instances.get(agent.id)
  expect(drift[0]).toMatchObject({
    extension: name,
    expected: { status: 'installed', version: 'v2' },
    found: { status: 'installed', version: 'v1' },
    differs: expect.arrayContaining(['version']),
  })
  const environment = {
    CHANDLER_SERVER: server.url,
    CHANDLER_ACCESS_KEY_ID: accessKey.accessKeyId,
    CHANDLER_ACCESS_KEY_SECRET: accessKey.accessKeySecret,
  }
  const shown = startProgram(['instance', 'show', agent.id], environment)
  expect(await shown.says(/^drift /)).toMatch(/^drift +reverted: expected v2.*, found v1.* at /)
})
