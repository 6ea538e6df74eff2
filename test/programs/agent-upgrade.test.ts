import { execFileSync, spawnSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readdir, readFile, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { TaskView } from '../../src/protocol/api/executions.ts'
import { findTestExecutable } from '../agent-executable.ts'
import { startPipedScript } from '../integration/agent/piped-script.ts'
import {
  findSystemdObstacle,
  makeScriptedSystemd,
  type ScriptedSystemd,
} from '../integration/agent/scripted-systemctl.ts'
import { type CliSystem, startCliSystem } from '../integration/cli/cli-system.ts'

// A real server, the real install.sh, a real agent that a service manager runs, and a real upgrade by an execution.
// Only systemd is scripted.
const obstacle = findSystemdObstacle()
const older = '0.0.9-0123456789ab'

let system: CliSystem
let script: string
let folder: string
let prefix: string
let state: string
let systemd: ScriptedSystemd
let name: string
/** The program that the server provides. */
let newest: string

beforeAll(async () => {
  const executable = findTestExecutable()
  system = await startCliSystem(
    executable === undefined ? {} : { CHANDLER_AGENT_EXECUTABLES: dirname(dirname(executable)) },
  )
  script = await (await fetch(`${system.server}/install.sh`)).text()
})
afterAll(() => system.stop())

/** A disk of its own in the folder of the test. */
let mounted: string | undefined

let count = 0
beforeEach(async ({ skip }) => {
  skip(obstacle !== undefined, `no scripted service manager here: ${obstacle}`)
  folder = await mkdtemp(join(tmpdir(), 'chandler-upgrade-'))
  await chmod(folder, 0o755)
  prefix = join(folder, 'opt')
  state = join(folder, 'state')
  name = `upgraded-${++count}`
  systemd = await makeScriptedSystemd(folder)
  await installOlder()
})
afterEach(async () => {
  if (obstacle !== undefined) return
  stopService()
  if (mounted !== undefined) execFileSync('umount', ['-l', mounted])
  mounted = undefined
  await rm(folder, { recursive: true })
})

function killHard(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

const stopService = () => expect(command('systemctl', 'stop').status).toBe(0)

const command = (...args: string[]) =>
  spawnSync(systemd.inside[0] ?? '', [...systemd.inside.slice(1), ...args], { encoding: 'utf8' })

/** Installs the agent, and then gives its program the name of an older version. */
async function installOlder(): Promise<void> {
  const { token } = await system.json<{ token: string }>('token', 'create')
  const args = ['--token', token, '--name', name, '--prefix', prefix, '--state', state]
  const { code, said } = await startPipedScript(script, args, folder, { inside: systemd.inside }).ended
  expect([code, said]).toEqual([0, expect.stringContaining('systemd runs it')])
  newest = await readlink(join(prefix, 'current'))
  await untilProgram(newest)
  expect(command('systemctl', 'stop').status).toBe(0)
  await rename(join(prefix, newest), join(prefix, older))
  await rm(join(prefix, 'current'))
  await symlink(older, join(prefix, 'current'))
  expect(command('systemctl', 'start').status).toBe(0)
  await untilProgram(older)
}

interface Shown {
  readonly id: string
  readonly status: string
  readonly facts: { readonly agentProgram?: string }
}
const show = () => system.json<Shown>('instance', 'show', name)

/** Until the server knows that the instance runs this program. */
const untilProgram = (program: string) =>
  expect
    .poll(
      async () => {
        const { status, facts } = await show().catch(() => ({ status: 'unknown', facts: { agentProgram: undefined } }))
        return [status, facts.agentProgram]
      },
      { timeout: 110_000, interval: 250 },
    )
    .toEqual(['online', program])

interface Ended {
  readonly status: string
  readonly tasks: readonly TaskView[]
}
async function upgrade(...args: string[]): Promise<Ended & { readonly code: number | null }> {
  const { code, stdout } = await system.run('agent', 'upgrade', '--targets', `name:${name}`, ...args, '-o', 'json')
  const { id } = JSON.parse(stdout) as { id: string }
  return { code, ...(await system.json<Ended>('execution', 'show', id)) }
}

describe('an upgrade of agents', () => {
  test('replaces the agent while a script runs, which runs once and is reported; a second upgrade changes nothing', async () => {
    const ledger = join(folder, 'ledger')
    const go = join(folder, 'go')
    const text = `echo begin >>${ledger}; until [ -e ${go} ]; do sleep 0.1; done; echo end >>${ledger}`
    const running = system.start('run', '--targets', `name:${name}`, '--timeout', '5m', '--', text)
    await expect.poll(() => readFile(ledger, 'utf8').catch(() => ''), { timeout: 110_000 }).toBe('begin\n')
    const pid = await systemd.readPid()

    const ended = await upgrade()
    expect(ended).toMatchObject({ code: 0, status: 'Success', tasks: [{ status: 'Success' }] })
    expect(ended.tasks[0]?.reason).toContain(`agent ${newest} replaces ${older} and is connected`)
    await untilProgram(newest)
    expect(await systemd.readPid()).not.toBe(pid)
    expect(await readlink(join(prefix, 'current'))).toBe(newest)
    expect((await readdir(prefix)).sort()).toEqual([older, newest, 'current'].sort())

    await writeFile(go, '')
    expect((await running.ended).code).toBe(0)
    expect(await readFile(ledger, 'utf8')).toBe('begin\nend\n')

    const again = await upgrade()
    expect(again).toMatchObject({ code: 0, status: 'Success', tasks: [{ step: 'none', reason: `has ${newest}` }] })
  })

  test('returns to the earlier agent if the new one does not connect, and reports it', async () => {
    const unit = await readFile(join(systemd.units, 'chandler-agent.service'), 'utf8')
    await systemd.mute(newest)
    const ended = await upgrade('--connect-timeout', '3s')
    expect(ended).toMatchObject({ code: 1, status: 'Failed', tasks: [{ status: 'Failed' }] })
    expect(ended.tasks[0]?.reason).toContain(`agent ${newest} did not connect to ${system.server} within 3 s`)
    expect(ended.tasks[0]?.reason).toContain(`The earlier agent, ${older}, runs again`)
    await untilProgram(older)
    expect(await readlink(join(prefix, 'current'))).toBe(older)
    expect((await readdir(prefix)).sort()).toEqual([older, 'current'])
    expect(await readFile(join(systemd.units, 'chandler-agent.service'), 'utf8')).toBe(unit)

    await systemd.mute(undefined)
    expect(await upgrade()).toMatchObject({ code: 0, status: 'Success' })
    await untilProgram(newest)
  })

  test('a version that systemd does not start, or that does not run on the machine, leaves the earlier one', async () => {
    await systemd.refuse(newest)
    const refused = await upgrade()
    expect(refused.tasks[0]).toMatchObject({
      status: 'Failed',
      reason: expect.stringContaining('Job for chandler-agent.service failed.'),
    })
    await untilProgram(older)
    await systemd.refuse(undefined)

    // A program that is there already is used as it is.
    await mkdir(join(prefix, newest, 'bin'), { recursive: true })
    for (const file of ['node', 'chandler-agent.mjs']) await writeFile(join(prefix, newest, 'bin', file), '')
    await writeFile(
      join(prefix, newest, 'bin/chandler-agent'),
      '#!/bin/sh\necho "GLIBC_2.99 not found" >&2; exit 1\n',
      {
        mode: 0o755,
      },
    )
    const pid = await systemd.readPid()
    const broken = await upgrade()
    expect(broken.tasks[0]?.reason).toContain(`agent ${newest} does not run on this machine: GLIBC_2.99 not found`)
    expect(await systemd.readPid()).toBe(pid)
    expect(await readlink(join(prefix, 'current'))).toBe(older)
  })

  test('that a reboot interrupts returns to the earlier agent after the boot, if the new one does not connect', async () => {
    const guard = join(systemd.units, 'chandler-agent-upgrade.service')
    await systemd.mute(newest)
    const before = await systemd.readPid()
    const started = await system.json<{ id: string }>('agent', 'upgrade', '--targets', `name:${name}`, '--detach')
    await expect.poll(systemd.readPid, { timeout: 110_000 }).toSatisfy((pid) => pid > 0 && pid !== before)
    const settling = /^ExecStart=(.*)$/m.exec(await readFile(guard, 'utf8'))?.[1]?.replace(/--within \d+/, '--within 2')
    expect(settling).toContain(`${prefix}/${older}/bin/chandler-agent setup settle --program ${newest}`)
    // The power fails: nothing is put back.
    for (const pid of spawnSync('pgrep', ['-f', prefix], { encoding: 'utf8' }).stdout.trim().split('\n'))
      if (Number(pid) !== process.pid) killHard(Number(pid))
    stopService()
    expect(await readlink(join(prefix, 'current'))).toBe(newest)

    // The machine boots: systemd starts both units.
    expect(command('systemctl', 'start').status).toBe(0)
    const settled = command(...(settling ?? '').split(' '))
    expect([settled.status, settled.stdout]).toEqual([
      1,
      expect.stringContaining(`the earlier agent, ${older}, runs again`),
    ])
    await untilProgram(older)
    expect(await readlink(join(prefix, 'current'))).toBe(older)
    expect(await readdir(systemd.units)).toEqual(['chandler-agent.service'])
    await expect
      .poll(async () => (await system.json<Ended>('execution', 'show', started.id)).status, { timeout: 110_000 })
      .toBe('Failed')

    // A version that connects after the boot stays.
    await systemd.mute(undefined)
    expect(await upgrade()).toMatchObject({ code: 0, status: 'Success' })
    expect(await readdir(systemd.units)).toEqual(['chandler-agent.service'])
    expect(command(...(settling ?? '').split(' '))).toMatchObject({ status: 0 })
    expect(await readlink(join(prefix, 'current'))).toBe(newest)
  })

  test('that is ended while it waits for the new agent returns to the earlier one', async () => {
    await systemd.mute(newest)
    const before = await systemd.readPid()
    const started = await system.json<{ id: string }>('agent', 'upgrade', '--targets', `name:${name}`, '--detach')
    await expect.poll(systemd.readPid, { timeout: 110_000 }).toSatisfy((pid) => pid > 0 && pid !== before)
    expect(await readlink(join(prefix, 'current'))).toBe(newest)
    const muted = await systemd.readPid()
    // The server cannot reach the agent: the script is ended as an operator on the machine would do it.
    const [driver] = spawnSync('pgrep', ['-f', `setup upgrade .*--prefix ${prefix}`], { encoding: 'utf8' })
      .stdout.trim()
      .split('\n')
      .map(Number)
    expect(driver).toBeGreaterThan(0)
    process.kill(driver ?? 0, 'SIGTERM')
    await expect.poll(systemd.readPid, { timeout: 110_000 }).toSatisfy((pid) => pid > 0 && pid !== muted)
    await untilProgram(older)
    expect(await readlink(join(prefix, 'current'))).toBe(older)
    await expect
      .poll(async () => (await system.json<Ended>('execution', 'show', started.id)).status, { timeout: 110_000 })
      .toBe('Failed')
  })
})

/** Puts a folder of the machine on a disk of its own, with its contents and this much space beside them. */
async function putOnSmallDisk(path: string, freeKiB: number): Promise<void> {
  stopService()
  const kept = join(folder, 'kept')
  const shell = (text: string) =>
    expect(spawnSync('sh', ['-ec', text], { encoding: 'utf8' })).toMatchObject({ status: 0 })
  shell(`cp -a ${path} ${kept}`)
  const used = Number(spawnSync('du', ['-sk', kept], { encoding: 'utf8' }).stdout.split('\t')[0])
  shell(`mount -t tmpfs -o size=${used + freeKiB}k,mode=755 tmpfs ${path} && cp -a ${kept}/. ${path}`)
  mounted = path
  expect(command('systemctl', 'start').status).toBe(0)
  await untilProgram(older)
}

describe('bad input', () => {
  /** The agent is the one before, and no restart has interrupted it. */
  async function expectUnchanged(pid: number | undefined): Promise<void> {
    expect(await systemd.readPid()).toBe(pid)
    expect(await readlink(join(prefix, 'current'))).toBe(older)
    expect((await readdir(prefix)).sort()).toEqual([older, 'current'])
    expect(await readdir(systemd.units)).not.toContain('chandler-agent-upgrade.service')
    await untilProgram(older)
  }

  test('a damaged download is refused; the next one is used', async () => {
    const bundles = join(system.folder, 'server/agent-bundles')
    const arch = process.arch === 'arm64' ? 'arm64' : 'x86_64'
    const bundle = join(bundles, (await readdir(bundles)).find((file) => file.includes(arch)) ?? '')
    const whole = await readFile(bundle)
    const damaged = Buffer.from(whole)
    damaged.writeUInt8(255 - damaged.readUInt8(damaged.length >> 1), damaged.length >> 1)
    const pid = await systemd.readPid()
    await writeFile(bundle, damaged)
    const ended = await upgrade()
    await writeFile(bundle, whole)
    expect(ended).toMatchObject({ code: 1, status: 'Failed', tasks: [{ status: 'Failed' }] })
    expect(ended.tasks[0]?.reason).toContain('its sha256 is')
    await expectUnchanged(pid)
    expect(await upgrade()).toMatchObject({ code: 0, status: 'Success' })
    await untilProgram(newest)
  })

  test.each([
    { what: 'programs', path: () => prefix, freeKiB: 1_000, fill: 0 },
    { what: 'unit files', path: () => systemd.units, freeKiB: 64, fill: 1 },
  ])('a full disk of the $what leaves the earlier agent; with space, the next upgrade succeeds', async (disk) => {
    const path = disk.path()
    await putOnSmallDisk(path, disk.freeKiB)
    const filler = join(path, 'filler')
    if (disk.fill) spawnSync('dd', ['if=/dev/zero', `of=${filler}`, 'bs=4096'])
    const pid = await systemd.readPid()
    const ended = await upgrade()
    expect(ended).toMatchObject({ code: 1, status: 'Failed', tasks: [{ status: 'Failed' }] })
    expect(ended.tasks[0]?.reason).toContain('ENOSPC')
    await expectUnchanged(pid)
    await rm(filler, { force: true })
    expect(spawnSync('mount', ['-o', 'remount,size=1g', path]).status).toBe(0)
    expect(await upgrade()).toMatchObject({ code: 0, status: 'Success' })
    await untilProgram(newest)
  })

  test('of two upgrades at once, one waits for the other, and both report the version that runs', async () => {
    const ended = await Promise.all([upgrade(), upgrade()])
    for (const one of ended) expect(one).toMatchObject({ code: 0, status: 'Success', tasks: [{ status: 'Success' }] })
    expect(ended.map(({ tasks: [task] }) => task?.reason ?? '').sort()).toEqual([
      `The command succeeded. It said: agent ${newest} is connected.`,
      `The command succeeded. It said: agent ${newest} replaces ${older} and is connected.`,
    ])
    await untilProgram(newest)
    expect(await readlink(join(prefix, 'current'))).toBe(newest)
    expect(await readdir(systemd.units)).toEqual(['chandler-agent.service'])
  })

  test('an agent that is offline for a month is unreachable, and does nothing late; then the next upgrade reaches it', async () => {
    stopService()
    await expect.poll(async () => (await show()).status).toBe('offline')
    const { rowCount } = await system.db.pool.query(
      "UPDATE instances SET last_seen_at = now() - interval '31 days' WHERE name = $1",
      [name],
    )
    expect(rowCount).toBe(1)
    const missed = await upgrade('--delivery-timeout', '1s')
    expect(missed).toMatchObject({ code: 1, status: 'Failed', tasks: [{ reasonCode: 'Unreachable' }] })
    expect(command('systemctl', 'start').status).toBe(0)
    await untilProgram(older)
    await expectUnchanged(await systemd.readPid())
    expect(await upgrade()).toMatchObject({ code: 0, status: 'Success' })
    await untilProgram(newest)
  })
})
