// The .deb of the server on a machine with systemd: fresh installation, first sign-in, upgrade with data, removal, purge.
import { execFile } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, onTestFailed, test, vi } from 'vitest'
import type { Container } from './container.ts'
import { type ContainerHost, startContainerHost } from './container-host.ts'
import { skipReason } from './live-system.ts'

const run = promisify(execFile)
const project = fileURLToPath(new URL('../..', import.meta.url))
const isArm = process.arch === 'arm64'
const settings = '/etc/chandler/chandler.yaml'
const patience = { timeout: 60_000, interval: 200 }

// Without root, overlays or apt there are no containers. In CI the tests run or fail.
describe.skipIf(skipReason !== undefined)('the server as a Debian package', () => {
  let folder: string
  let host: ContainerHost
  let machine: Container
  let version: string
  let url: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chandler-package-'))
    const release = join(folder, 'release')
    const platform = `--platform=linux-${isArm ? 'arm64' : 'x64'}`
    const args = ['scripts/release/main.ts', '--fast', platform, '--only=deb', `--output=${release}`]
    await run(process.execPath, args, { cwd: project, maxBuffer: 1 << 24 })
    ;({ version } = JSON.parse(await readFile(join(project, 'package.json'), 'utf8')) as { version: string })
    host = await startContainerHost()
    machine = await host.add('server', { isBare: true })
    await machine.boot()
    await cp(
      join(release, `chandler_${version}_${isArm ? 'arm64' : 'amd64'}.deb`),
      join(machine.disk, 'root/chandler.deb'),
    )
    // The container shares the network of this machine.
    const port = await findFreePort()
    url = `http://127.0.0.1:${port}`
    await machine.write('/etc/chandler/environment', `CHANDLER_LISTEN=127.0.0.1:${port}\n`)
  }, 900_000)
  afterAll(async () => {
    await host?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  const state = async () => (await machine.run('systemctl', 'is-active', 'chandler')).stdout.trim()
  const exists = async (path: string) => (await machine.run('test', '-e', path)).code === 0
  const processId = () => machine.ask('systemctl', 'show', '--property=MainPID', '--value', 'chandler')
  /** Runs the CLI with the first credentials. */
  async function chandler(...args: string[]) {
    const credentials = (await machine.ask('cat', '/var/lib/chandler/initial-credentials')).split('\n')
    const keys = credentials.filter((line) => line.startsWith('CHANDLER_'))
    return machine.ask('env', ...keys, `CHANDLER_SERVER=${url}`, 'chandler', ...args)
  }
  const untilSignedIn = () => vi.waitFor(() => chandler('whoami', '-o', 'json').then(JSON.parse), patience)
  function explainFailure() {
    onTestFailed(async () => console.error((await machine.run('journalctl', '--no-pager', '-u', 'chandler')).stdout))
  }

  test('installation starts the server as its own user; the first credentials work', async () => {
    explainFailure()
    await machine.ask('dpkg', '--install', '/root/chandler.deb')
    expect(await untilSignedIn()).toMatchObject({ userName: 'admin' })
    expect(await state()).toBe('active')
    expect((await machine.run('systemctl', 'is-enabled', 'chandler')).stdout).toBe('enabled\n')
    expect(await machine.ask('stat', '--format=%U:%G %a', settings)).toBe('root:chandler 640\n')
    expect(await machine.ask('stat', '--format=%U:%G %a', '/var/lib/chandler')).toBe('chandler:chandler 700\n')
    expect(await machine.ask('stat', '--format=%U', `/proc/${(await processId()).trim()}`)).toBe('chandler\n')
    const journal = await machine.ask('journalctl', '--no-pager', '-u', 'chandler')
    expect(journal).not.toMatch(/ACCESS_KEY_SECRET=|CONSOLE_PASSWORD=/)
    expect(await machine.ask('chandler', 'server', 'check')).toContain('The settings are valid.')
  })

  test('root does not touch the data of the running server', async () => {
    const { code, stderr } = await machine.run('chandler', 'server', 'reset-admin')
    expect(code).toBe(1)
    expect(stderr).toContain('runuser -u')
    expect(await machine.ask('stat', '--format=%U:%G %a', '/var/lib/chandler')).toBe('chandler:chandler 700\n')
  })

  test('an upgrade restarts the server and keeps data and settings', async () => {
    explainFailure()
    await chandler('user', 'create', 'kept')
    await machine.ask('sh', '-c', `echo 'region: eu-1' >> ${settings}`)
    await machine.ask('dpkg-deb', '--raw-extract', '/root/chandler.deb', '/root/next')
    const manifest = join(machine.disk, 'root/next/usr/lib/chandler/package.json')
    await writeFile(manifest, (await readFile(manifest, 'utf8')).replace(`"${version}"`, '"99.0.0"'))
    await machine.ask('sh', '-c', 'echo "# a new default" >> /root/next/etc/chandler/chandler.yaml')
    await machine.ask('sed', '-i', 's/^Version: .*/Version: 99.0.0/', '/root/next/DEBIAN/control')
    await machine.ask('dpkg-deb', '--root-owner-group', '-Zgzip', '-z1', '--build', '/root/next', '/root/next.deb')
    const before = await processId()
    await machine.ask('dpkg', '--force-confold', '--install', '/root/next.deb')
    expect(await untilSignedIn()).toMatchObject({ userName: 'admin', region: 'eu-1' })
    expect(await processId()).not.toBe(before)
    expect(await machine.ask('chandler', '--version')).toBe('99.0.0\n')
    expect(await chandler('user', 'list', '-o', 'json')).toContain('"kept"')
  })

  test('an upgrade does not start a server that was stopped', async () => {
    await machine.ask('systemctl', 'stop', 'chandler')
    await machine.ask('dpkg', '--force-confold', '--install', '/root/next.deb')
    expect(await state()).toBe('inactive')
    await machine.ask('systemctl', 'start', 'chandler')
    await untilSignedIn()
  })

  test('removal keeps the data, and the next installation continues with it', async () => {
    explainFailure()
    await machine.ask('dpkg', '--remove', 'chandler')
    expect(await state()).toBe('inactive')
    expect(await exists('/usr/lib/chandler')).toBe(false)
    expect(await exists('/var/lib/chandler/secret.key')).toBe(true)
    expect(await exists(settings)).toBe(true)
    await machine.ask('dpkg', '--force-confold', '--install', '/root/next.deb')
    await untilSignedIn()
    expect(await chandler('user', 'list', '-o', 'json')).toContain('"kept"')
  })

  test('purge removes data, settings and user', async () => {
    await machine.ask('dpkg', '--purge', 'chandler')
    expect(await exists('/var/lib/chandler')).toBe(false)
    expect(await exists('/etc/chandler')).toBe(false)
    expect((await machine.run('getent', 'passwd', 'chandler')).code).not.toBe(0)
    expect((await machine.run('systemctl', 'cat', 'chandler')).code).not.toBe(0)
  })
})

function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() =>
        typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port')),
      )
    })
  })
}
