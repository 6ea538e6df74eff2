// A file of an installed extension is removed on the machine: its agent finds that, and the
// assignment puts it back when its window opens.
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFailed, test, vi } from 'vitest'
import { type Agent, createSystem, type Server, type System } from './system.ts'

let system: System
let server: Server
let agent: Agent

beforeAll(async () => {
  system = await createSystem()
  server = await system.addServer({ environment: { CHANDLER_DRIFT_CHECK: '1s' } })
  ;[agent] = (await system.addAgents(server, ['a1', 'a2'])) as [Agent]
})
afterAll(() => system.stop())

const patience = { timeout: 110_000, interval: 50 }
const dayNames = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const closedWindow = `${dayNames[(new Date().getUTCDay() + 3) % 7]} 00:00-01:00 UTC`

async function readInstalled() {
  const { installed } = await server.client.instances.get(agent.id)
  return installed.map(({ extension, version, drift }) => ({ name: `${extension} ${version}`, drift }))
}

const assign = (window: string | undefined) =>
  server.client.assignments.put({
    name: 'demo-on-a1',
    group: 'one',
    extension: 'demo',
    version: 'v1',
    repair: true,
    ...(window !== undefined && { window }),
  })

const executionsStarted = async () => (await server.client.executions.list({})).items.length

test('a removed file is drift, and is put back when the window opens', async () => {
  onTestFailed(() => console.error(system.describe()))
  const { client } = server
  const path = join(system.folder, 'demo.conf')
  await client.extensions.create({
    name: 'demo',
    type: 'Application',
    description: '',
    versionDescription: '',
    scope: {},
    parameters: {},
    configurations: [
      {
        os: 'linux',
        arch: 'any',
        scripts: { install: `#!/bin/sh\necho port=1 > ${path}\n`, uninstall: `#!/bin/sh\nrm -f ${path}\n` },
        verify: [{ kind: 'file', path, withinMs: 0 }],
        run: { timeoutMs: 60_000, unpack: false, keepWorkspace: 'never' },
      },
    ],
  })
  await client.groups.create({ name: 'one', filter: 'name=a1' })
  await assign(undefined)
  await vi.waitFor(async () => expect(await readInstalled()).toEqual([{ name: 'demo v1' }]), patience)
  expect(existsSync(path)).toBe(true)

  await assign(closedWindow)
  await rm(path)
  await vi.waitFor(async () => {
    expect(await readInstalled()).toMatchObject([{ drift: { reason: expect.stringContaining('no such file') } }])
    expect((await client.assignments.get('demo-on-a1')).outcome).toMatchObject({ asDesired: 1, drifted: 1 })
  }, patience)
  expect(await executionsStarted()).toBe(1)
  expect(existsSync(path)).toBe(false)

  await assign(undefined)
  await vi.waitFor(async () => {
    expect(existsSync(path)).toBe(true)
    expect(await readInstalled()).toEqual([{ name: 'demo v1' }])
  }, patience)
  expect(await executionsStarted()).toBe(2)
})
