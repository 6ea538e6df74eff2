// Upgrade, diagnosis and changed hardware of an agent for Windows in Wine, at a real server.
import { appendFile, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import type { TaskView } from '../../src/protocol/api/executions.ts'
import type { CliSystem } from '../integration/cli/cli-system.ts'
import type { WindowsInstance } from './windows-instance.ts'
import { startWindowsSystem } from './windows-system.ts'
import type { WineMachine } from './wine-root.ts'

const slow = { timeout: 300_000 }
const patience = { timeout: 110_000, interval: 250 }
const older = '0.0.9-0123456789ab'

let windows: Awaited<ReturnType<typeof startWindowsSystem>> | undefined
let system: CliSystem
let machine: WineMachine
let instance: WindowsInstance
let prefix: string
/** The program that the server provides. */
let newest: string

beforeAll(async () => {
  windows = await startWindowsSystem()
  if ('obstacle' in windows) return
  ;({ system, machine, instance } = windows)
  prefix = join(machine.folder, 'Chandler Agent')
  newest = instance.program
  // Wine ends with its last program, and starts again, with its services, for the next one.
  void machine.run('ping.exe', '-n', '100000', '127.0.0.1').catch(() => undefined)
}, 900_000)
beforeEach(({ skip }) => {
  const obstacle = windows && 'obstacle' in windows ? windows.obstacle : undefined
  skip(obstacle !== undefined, `no Wine: ${obstacle}`)
})
afterAll(async () => {
  if (windows && !('obstacle' in windows)) await windows.stop()
})

const readCurrent = async () => (await readFile(join(prefix, 'current.txt'), 'utf8')).trim()
const listVersions = async () => (await readdir(prefix)).filter((name) => name.startsWith('0.')).sort()

async function stopService(): Promise<void> {
  await machine.run('sc.exe', 'stop', 'ChandlerAgent')
  await vi.waitFor(async () => expect(await instance.agents()).toEqual([]), patience)
  await vi.waitFor(
    async () => expect((await machine.run('sc.exe', 'query', 'ChandlerAgent')).stdout).toMatch(/STATE\s*:\s*1\b/),
    patience,
  )
}

/** Until the server knows that the instance runs this program. */
const untilProgram = (program: string) =>
  vi.waitFor(async () => {
    const shown = await system.json<{ status: string; facts: { agentProgram?: string } }>(
      'instance',
      'show',
      instance.id,
    )
    expect([shown.status, shown.facts.agentProgram]).toEqual(['online', program])
  }, patience)

/** Gives the installed program the name of an older version. */
async function becomeOlder(): Promise<void> {
  await stopService()
  await rm(join(prefix, older), { recursive: true, force: true })
  await rename(join(prefix, newest), join(prefix, older))
  await writeFile(join(prefix, 'current.txt'), `${older}\r\n`)
  // Another host, too: an upgrade has to replace a program that runs.
  await appendFile(join(prefix, 'chandler-host.exe'), 'older')
  await machine.run('sc.exe', 'start', 'ChandlerAgent')
  await untilProgram(older)
}

interface Ended {
  readonly status: string
  readonly tasks: readonly TaskView[]
}
async function upgrade(...args: readonly string[]): Promise<Ended> {
  const target = ['--targets', `id:${instance.id}`, '-o', 'json']
  const { stdout, stderr } = await system.run('agent', 'upgrade', ...target, ...args)
  expect(stdout, stderr).toContain('{')
  const { id } = JSON.parse(stdout) as { id: string }
  return system.json<Ended>('execution', 'show', id)
}

test('status and doctor', slow, async () => {
  const bin = `${instance.prefix}\\${newest}\\bin`
  const ask = (...args: readonly string[]) =>
    machine.run(`${bin}\\node.exe`, `${bin}\\chandler-agent.mjs`, ...args, '--state', instance.state)
  const status = await ask('status', '-o', 'json')
  expect(status, status.stdout + status.stderr).toMatchObject({ code: 0 })
  expect(JSON.parse(status.stdout)).toMatchObject({
    instanceId: instance.id,
    server: system.server,
    connection: { program: newest, isRunning: true },
  })
  const doctor = await ask('doctor', '-o', 'json')
  const checks = JSON.parse(doctor.stdout) as { name: string; verdict: string; text: string }[]
  expect(checks.filter(({ verdict }) => verdict !== 'ok')).toEqual([])
  expect(doctor.code).toBe(0)
  expect(checks.map(({ name }) => name)).toEqual(['enrolment', 'process', 'server', 'clock', 'disk', 'permissions'])

  await stopService()
  const stopped = await ask('doctor')
  expect(stopped.code).toBe(1)
  expect(stopped.stdout).toContain(`sc.exe start ChandlerAgent, then read ${instance.state}\\agent.log`)
  expect((await ask('status')).code).toBe(1)
  await machine.run('sc.exe', 'start', 'ChandlerAgent')
  await instance.becomes('online')
})

test('an upgrade replaces the agent while a script runs, which runs once and is reported', slow, async () => {
  await becomeOlder()
  const go = join(machine.folder, 'go')
  const script = join(machine.folder, 'script.cmd')
  const onWindows = (path: string) => `Z:${path.replaceAll('/', '\\')}`
  await writeFile(
    script,
    `@echo off\necho begun\n:wait\nif exist "${onWindows(go)}" goto done\nping -n 2 127.0.0.1 >nul\ngoto wait\n:done\necho finished\nexit /b 77\n`,
  )
  const target = ['--timeout', '5m', '--targets', `id:${instance.id}`]
  const running = system.run('run', '--type', 'bat', '--script', script, ...target)
  await vi.waitFor(async () => expect(await machine.findProcesses('runWanted.cmd')).not.toEqual([]), patience)
  const [before] = await instance.agents()

  const ended = await upgrade()
  expect(ended, JSON.stringify(ended.tasks) + (await instance.readLog())).toMatchObject({ status: 'Success' })
  expect(ended.tasks[0]?.reason).toContain(`agent ${newest} replaces ${older} and is connected`)
  await untilProgram(newest)
  expect(await instance.agents()).not.toContain(before)
  expect(await readCurrent()).toBe(newest)
  expect(await listVersions()).toEqual([older, newest].sort())
  expect((await machine.run('sc.exe', 'query', 'ChandlerAgent')).stdout).toMatch(/STATE\s*:\s*4\b/)

  await writeFile(go, '')
  const ran = await running
  expect(ran.stdout + ran.stderr).toContain('exit code 77')
  expect(ran.stdout.match(/begun/g)).toHaveLength(1)

  const again = await upgrade()
  expect(again).toMatchObject({ status: 'Success', tasks: [{ step: 'none', reason: `has ${newest}` }] })
})

/** Puts this in the place of the new version: a program that is there already is used as it is. */
async function placeBroken(text: string): Promise<void> {
  await mkdir(join(prefix, newest, 'bin'), { recursive: true })
  const programs = ['node.exe', 'chandler-host.exe'].map((name) => join(prefix, older, 'bin', name))
  await machine.runLinux('cp', ...programs, join(prefix, newest, 'bin'))
  await writeFile(join(prefix, newest, 'bin/chandler-agent.mjs'), text)
}

test('a version that does not run, or does not connect, leaves the earlier one', slow, async () => {
  await becomeOlder()
  await placeBroken('throw new Error("made for another Windows")\n')
  const [before] = await instance.agents()
  const refused = await upgrade()
  expect(refused.tasks[0]?.reason).toContain(
    `agent ${newest} does not run on this machine: Error: made for another Windows`,
  )
  expect(await instance.agents()).toEqual([before])
  expect(await readCurrent()).toBe(older)

  await placeBroken('if (process.argv[2] !== "--version") setInterval(() => {}, 1_000)\n')
  const mute = await upgrade('--connect-timeout', '5s')
  expect(mute).toMatchObject({ status: 'Failed', tasks: [{ status: 'Failed' }] })
  expect(mute.tasks[0]?.reason).toContain(`agent ${newest} did not connect to ${system.server} within 5 s`)
  expect(mute.tasks[0]?.reason).toContain(`The earlier agent, ${older}, runs again`)
  await untilProgram(older)
  expect(await readCurrent()).toBe(older)
})

test('changed hardware: the agent refuses, and works after accept-machine and a release', slow, async () => {
  const bin = `${instance.prefix}\\${await readCurrent()}\\bin`
  const places = ['--prefix', instance.prefix, '--state', instance.state]
  const accept = () =>
    machine.run(`${bin}\\node.exe`, `${bin}\\chandler-agent.mjs`, 'setup', 'accept-machine', ...places)
  const running = await accept()
  expect(running).toMatchObject({ code: 1, stderr: expect.stringContaining('it accepts this machine already') })
  await stopService()
  const key = 'HKLM\\SOFTWARE\\Microsoft\\Cryptography'
  const value = ['/v', 'MachineGuid', '/t', 'REG_SZ', '/d', '11111111-2222-3333-4444-555555555555', '/f', '/reg:64']
  expect((await machine.run('reg.exe', 'add', key, ...value)).code).toBe(0)
  await machine.run('sc.exe', 'start', 'ChandlerAgent')
  // The host does not start an agent again that refuses to run.
  await vi.waitFor(
    async () => expect((await machine.run('sc.exe', 'query', 'ChandlerAgent')).stdout).toMatch(/STATE\s*:\s*1\b/),
    patience,
  )
  const accepted = await accept()
  expect(accepted, accepted.stderr).toMatchObject({
    code: 0,
    stdout: expect.stringContaining(`chandler instance release ${instance.id}`),
  })
  await system.run('instance', 'release', instance.id)
  await vi.waitFor(async () => {
    await system.run('instance', 'release', instance.id)
    const { status } = await system.json<{ status: string }>('instance', 'show', instance.id)
    expect(status).toBe('online')
  }, patience)
})
