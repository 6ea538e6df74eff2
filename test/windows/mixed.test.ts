// One extension with configurations for Linux (deb) and Windows (msi), by one execution on an agent of each, from the command line.
import { chmod, copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import type { CliSystem } from '../integration/cli/cli-system.ts'
import { buildMsi, productCode } from './build-msi.ts'
import type { WindowsInstance } from './windows-instance.ts'
import { startWindowsSystem } from './windows-system.ts'
import type { WineMachine } from './wine-root.ts'

const program = fileURLToPath(new URL('../../bin/chandler.mjs', import.meta.url))
const slow = { timeout: 600_000 }

let started: Awaited<ReturnType<typeof startWindowsSystem>>
let system: CliSystem
let machine: WineMachine
let windows: WindowsInstance

beforeAll(async () => {
  started = await startWindowsSystem()
  if ('obstacle' in started) return
  ;({ system, machine, instance: windows } = started)
  // The root itself is a Debian 13 with dpkg.
  const { stdout: token } = await system.run('token', 'create')
  const agent = ['agent', '--server', system.server, '--token', token.trim(), '--name', 'debian']
  machine.startLinux(process.execPath, program, ...agent, '--state', '/var/lib/chandler-test')
  await vi.waitFor(
    async () => {
      const all = await system.json<{ status: string }[]>('instance', 'list')
      if (all.filter(({ status }) => status === 'online').length < 2) throw new Error(JSON.stringify(all))
    },
    { timeout: 110_000, interval: 250 },
  )
}, 900_000)
beforeEach(({ skip }) => {
  const obstacle = 'obstacle' in started ? started.obstacle : undefined
  skip(obstacle !== undefined, `no Wine: ${obstacle}`)
})
afterAll(async () => {
  if (!('obstacle' in started)) await started.stop()
})

async function buildDeb(version: string): Promise<string> {
  const work = join(machine.folder, `deb-${version}`)
  await mkdir(join(work, 'DEBIAN'), { recursive: true })
  await mkdir(join(work, 'usr/share/chandler-demo'), { recursive: true })
  await chmod(work, 0o755)
  await writeFile(join(work, 'usr/share/chandler-demo/version'), version)
  const control = `Package: chandler-demo\nVersion: ${version}\nArchitecture: all\nMaintainer: Test <test@example.com>\nDescription: test\n`
  await writeFile(join(work, 'DEBIAN/control'), control)
  const output = join(machine.folder, `demo_${version}_all.deb`)
  await machine.runLinux('dpkg-deb', '--build', '--root-owner-group', work, output)
  return output
}

/** The folder of an extension with a deb, an msi, and a script for other architectures. */
async function writeExtension(version: string, product: number, needsReboot = false): Promise<string> {
  const folder = join(machine.folder, 'extension')
  await mkdir(folder, { recursive: true })
  await copyFile(await buildDeb(version), join(folder, 'demo.deb'))
  await copyFile(await buildMsi(machine, { version, product, needsReboot }), join(folder, 'demo.msi'))
  await writeFile(join(folder, 'install.sh'), '#!/bin/sh\necho installed by a script\n')
  await writeFile(
    join(folder, 'extension.yaml'),
    [
      'name: demo',
      'parameters:',
      '  port: { type: Number, default: 8080 }',
      'configurations:',
      '  - { os: linux, arch: x86_64, artifact: demo.deb }',
      '  - { os: windows, arch: x86_64, artifact: demo.msi }',
      '  - { os: linux, arch: arm64, install: install.sh, uninstall: install.sh }',
    ].join('\n'),
  )
  return folder
}

const readPort = async () =>
  /port\s+REG_SZ\s+(\S+)/.exec(
    (await machine.run('reg.exe', 'query', 'HKLM\\Software\\ChandlerDemo', '/reg:64')).stdout,
  )?.[1]
const readDeb = () =>
  machine.runLinux('dpkg-query', '--show', '--showformat=${Version}', 'chandler-demo').catch(() => 'none')
/** File of the msi, in the folder of programs for 64 bits. */
const readFileOfMsi = () =>
  machine.runLinux('cat', '/wine/drive_c/Program Files/Chandler Demo/demo.txt').catch(() => 'none')

test('installed, updated and removed by one execution each', slow, async () => {
  await system.json('extension', 'create', await writeExtension('1.0.0', 1))
  const plan = await system.run('plan', 'install', 'demo', '--targets', 'all')
  expect(plan, plan.stdout + plan.stderr).toMatchObject({ code: 0 })
  const installed = await system.run('install', 'demo', '--targets', 'all', '--param', 'port=9090', '--yes')
  expect(installed.code, installed.stdout + installed.stderr + (await windows.readLog())).toBe(0)
  expect([await readDeb(), await readFileOfMsi(), await readPort()]).toEqual(['1.0.0', 'demo 1.0.0\n', '9090'])

  await system.json('extension', 'update', await writeExtension('2.0.0', 2))
  const updated = await system.run('update', 'demo', '--targets', 'all', '--yes')
  expect(updated.code, updated.stdout + updated.stderr).toBe(0)
  expect([await readDeb(), await readFileOfMsi(), await readPort()]).toEqual(['2.0.0', 'demo 2.0.0\n', '9090'])
  const old = await machine.run('reg.exe', 'query', uninstallKey(1), '/reg:64')
  expect(old.code).not.toBe(0)

  const removed = await system.run('uninstall', 'demo', '--targets', 'all', '--yes')
  expect(removed.code, removed.stdout + removed.stderr).toBe(0)
  expect([await readDeb(), await readFileOfMsi(), await readPort()]).toEqual(['none', 'none', undefined])
})

const uninstallKey = (product: number) =>
  `HKLM\\Software\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\${productCode(product)}`

test('a downgrade is refused with the cause from the log', slow, async () => {
  const newer = await buildMsi(machine, { version: '9.0.0', product: 9 })
  const direct = await machine.run('msiexec', '/i', `Z:${newer.replaceAll('/', '\\')}`, '/qn')
  expect(direct.code, direct.stdout + direct.stderr).toBe(0)
  const failed = await system.run('install', 'demo@v1', '--targets', `id:${windows.id}`, '--yes')
  expect(failed.code).toBe(1)
  expect(failed.stdout + failed.stderr).toContain('Windows Installer ended with 1603')
})

test('the log of the agent has no stack traces', async () => {
  const log = await readFile(join(machine.folder, 'state/agent.log'), 'utf8')
  expect(log).not.toMatch(/^\s+at /m)
})
