// One extension with configurations for Linux (deb) and Windows (msi, scripts), by one execution on an agent of each, from the
// command line and from the console.
import { existsSync } from 'node:fs'
import { chmod, copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { type ConsoleSystem, startConsoleSystem } from '../e2e/console-system.ts'
import type { CliSystem } from '../integration/cli/cli-system.ts'
import { buildMsi, productCode } from './build-msi.ts'
import type { WindowsInstance } from './windows-instance.ts'
import { startWindowsSystem } from './windows-system.ts'
import type { WineMachine } from './wine-root.ts'

const program = fileURLToPath(new URL('../../bin/chandler.mjs', import.meta.url))
const slow = { timeout: 600_000 }

let started: Awaited<ReturnType<typeof startWindowsSystem>>
let site: ConsoleSystem
let system: CliSystem
let machine: WineMachine
let windows: WindowsInstance

beforeAll(async () => {
  started = await startWindowsSystem(async (settings) => {
    site = await startConsoleSystem(settings)
    return { ...site.system, stop: () => site.stop() }
  })
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

/** From the form to the page of the execution, which ends with success on both instances. */
async function runFromConsole(page: Page, address: string): Promise<void> {
  await page.goto(address)
  await page.getByRole('button', { name: 'Next: parameter confirmation' }).click()
  await page.getByRole('heading', { level: 1, name: 'Parameter confirmation' }).waitFor()
  await page.getByRole('table', { name: 'Instances in this plan' }).waitFor()
  await page.getByRole('button', { name: 'Create execution' }).click()
  await page.waitForURL(/\/executions\/exec-/)
  const succeeded = page.getByRole('row').filter({ hasText: /Success/ })
  await expect.poll(() => succeeded.count(), { timeout: 200_000 }).toBe(2)
}

/** From the step of configurations to the version. */
async function finishWizard(page: Page, button: string): Promise<void> {
  await page.getByRole('button', { name: 'Next', exact: true }).click()
  await page.getByRole('heading', { name: 'Review', exact: true }).waitFor()
  await page.getByText('Validation passed').waitFor()
  await page.getByRole('button', { name: button, exact: true }).click()
  await page.getByRole('heading', { level: 1, name: 'shop' }).waitFor()
}

test('the same from the console: versions made there, with packages and then with a batch file', slow, async () => {
  const packages = [await buildDeb('4.0.0'), await buildMsi(machine, { version: '4.0.0', product: 4 })]
  const page = await site.open('/extensions/create')
  await page.getByLabel('Name', { exact: true }).first().fill('shop')
  await page.getByRole('button', { name: 'Next', exact: true }).click()
  await page.locator('input[type=file]').first().setInputFiles(packages)
  await page.getByText('Demo 4.0.0').first().waitFor()
  await page.getByText('chandler-demo 4.0.0').first().waitFor()
  await finishWizard(page, 'Create')
  await runFromConsole(page, '/batch?action=install&extension=shop&by=all')
  expect([await readDeb(), await readFileOfMsi()]).toEqual(['4.0.0', 'demo 4.0.0\n'])

  // The next version has scripts instead of packages.
  const marker = join(machine.folder, 'from-script')
  const folder = join(machine.folder, 'scripts')
  await mkdir(folder, { recursive: true })
  // Without an ending, this would be PowerShell.
  await writeFile(join(folder, 'install.cmd'), `echo installed> "Z:${marker.replaceAll('/', '\\')}"\r\n`)
  await writeFile(join(folder, 'uninstall.cmd'), `del "Z:${marker.replaceAll('/', '\\')}"\r\n`)
  await page.goto('/extensions/shop/update?step=configurations')
  for (const name of ['install', 'uninstall']) {
    const kind = name === 'install' ? 'Install' : 'Uninstall'
    const label = `${kind} script of configuration`
    for (const index of [1, 2]) {
      const isWindows = index === 2
      if (name === 'install') await page.getByRole('button', { name: 'Remove package' }).first().click()
      const card = page.getByRole('tablist').nth(index - 1)
      await card.getByRole('tab', { name: kind, exact: true }).click()
      if (isWindows)
        await page.getByLabel(`Open file (${kind}, configuration ${index})`).setInputFiles(join(folder, `${name}.cmd`))
      else await page.getByLabel(`${label} ${index}`).fill('#!/bin/sh\ntrue\n')
    }
    expect(await page.getByLabel(`${label} 2`).inputValue()).toMatch(/^#!cmd\n/)
  }
  await page.getByText('Batch file, run by cmd').waitFor()
  await finishWizard(page, 'Create version')
  await runFromConsole(page, '/batch?action=update&extension=shop&by=all')
  expect([await readDeb(), await readFileOfMsi()]).toEqual(['none', 'none'])
  expect((await readFile(marker, 'latin1')).trim()).toBe('installed')

  await runFromConsole(page, '/batch?action=uninstall&extension=shop&by=all')
  expect(existsSync(marker)).toBe(false)
})

test('a package that requires a reboot: the machine is rebooted where the execution allows it', slow, async () => {
  await system.json('extension', 'update', await writeExtension('3.0.0', 3, true))
  const arguments_ = ['install', 'demo', '--targets', `id:${windows.id}`, '--yes']
  const { stdout } = await system.run(...arguments_, '-o', 'json')
  const { tasks: refused } = await system.json<{ tasks: { reason: string }[] }>(
    'execution',
    'show',
    (JSON.parse(stdout) as { id: string }).id,
  )
  expect(refused[0]?.reason).toContain('requested a reboot, which the execution does not allow')
  expect(await readFileOfMsi()).toBe('demo 3.0.0\n')

  await system.run('uninstall', 'demo', '--targets', `id:${windows.id}`, '--yes')
  const { id } = await system.json<{ id: string }>(...arguments_, '--allow-reboot', '--detach')
  const becomes = (status: string) =>
    vi.waitFor(
      async () => {
        const { tasks } = await system.json<{ tasks: { status: string }[] }>('execution', 'show', id)
        expect(tasks.map((task) => task.status)).toEqual([status])
      },
      { timeout: 200_000, interval: 500 },
    )
  // shutdown.exe of Wine does nothing: the test does it.
  await becomes('Rebooting')
  await machine.reboot()
  await becomes('Success')
  expect(await readFileOfMsi()).toBe('demo 3.0.0\n')
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
