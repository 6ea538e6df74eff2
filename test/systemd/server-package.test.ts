// The packages of the server on a machine with systemd: fresh installation, first sign-in, upgrade with data, removal, purge. One table
// of steps for both kinds.
import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, onTestFailed, test, vi } from 'vitest'
import { type RpmRoot, startRpmRoot } from '../hosts/rpm-root.ts'
import type { Container } from './container.ts'
import { type ContainerHost, startContainerHost } from './container-host.ts'
import { skipReason } from './live-system.ts'

const run = promisify(execFile)
const project = fileURLToPath(new URL('../..', import.meta.url))
const isArm = process.arch === 'arm64'
const settings = '/etc/chandler/chandler.yaml'
const patience = { timeout: 110_000, interval: 200 }

interface PackageKind {
  readonly kind: 'deb' | 'rpm'
  /** Prepares the machine, before anything is built. */
  readonly prepare: (machine: Container) => Promise<void>
  /** The name of the package file in the release. */
  readonly nameFile: (version: string) => string
  /** As docs/install.md says. */
  readonly install: readonly (readonly string[])[]
  readonly isStartedByInstall: boolean
  /** Builds /root/next.KIND, the version 99.0.0 with another default of the settings, from the package that is installed. */
  readonly buildNext: (machine: Container, version: string) => Promise<void>
  readonly upgrade: readonly string[]
  readonly remove: readonly string[]
  /** Where a removal leaves settings that were changed. */
  readonly keptSettings: string
  readonly reinstall: readonly (readonly string[])[]
  /** Removes what a removal leaves. */
  readonly purge: readonly (readonly string[])[]
}

const start = ['systemctl', 'enable', '--now', 'chandler']

const kinds: readonly PackageKind[] = [
  {
    kind: 'deb',
    prepare: async () => {},
    nameFile: (version) => `chandler_${version}_${isArm ? 'arm64' : 'amd64'}.deb`,
    install: [['dpkg', '--install', '/root/chandler.deb']],
    isStartedByInstall: true,
    async buildNext(machine, version) {
      await machine.ask('dpkg-deb', '--raw-extract', '/root/chandler.deb', '/root/next')
      await changeVersion(join(machine.disk, 'root/next'), version)
      await machine.ask('sed', '-i', 's/^Version: .*/Version: 99.0.0/', '/root/next/DEBIAN/control')
      await machine.ask('dpkg-deb', '--root-owner-group', '-Zgzip', '-z1', '--build', '/root/next', '/root/next.deb')
    },
    upgrade: ['dpkg', '--force-confold', '--install', '/root/next.deb'],
    remove: ['dpkg', '--remove', 'chandler'],
    keptSettings: settings,
    reinstall: [['dpkg', '--force-confold', '--install', '/root/next.deb']],
    purge: [['dpkg', '--purge', 'chandler']],
  },
  {
    kind: 'rpm',
    prepare: installBaseRpm,
    nameFile: (version) => `chandler-${version}-1.${isArm ? 'aarch64' : 'x86_64'}.rpm`,
    install: [['dnf', '--assumeyes', 'install', '/root/chandler.rpm'], start],
    isStartedByInstall: false,
    async buildNext(machine, version) {
      const root = join(machine.disk, 'root/next')
      await mkdir(root)
      await machine.ask('sh', '-c', 'cd /root/next && rpm2archive - </root/chandler.rpm | tar -xzf -')
      await changeVersion(root, version)
      await cp(join(project, 'packaging/rpm/chandler.spec'), join(machine.disk, 'root/chandler.spec'))
      await buildRpm(machine, '/root/chandler.spec', '/root/next.rpm', [
        'chandler_version 99.0.0',
        'chandler_root /root/next',
        '_binary_payload w1.gzdio',
      ])
    },
    upgrade: ['dnf', '--assumeyes', 'install', '/root/next.rpm'],
    remove: ['dnf', '--assumeyes', 'remove', 'chandler'],
    keptSettings: `${settings}.rpmsave`,
    reinstall: [['dnf', '--assumeyes', 'install', '/root/next.rpm'], ['mv', `${settings}.rpmsave`, settings], start],
    purge: [
      ['dnf', '--assumeyes', 'remove', 'chandler'],
      ['rm', '-rf', '/var/lib/chandler', '/etc/chandler'],
      ['userdel', 'chandler'],
    ],
  },
]

/** In an unpacked package. */
async function changeVersion(root: string, version: string): Promise<void> {
  const manifest = join(root, 'usr/lib/chandler/package.json')
  await writeFile(manifest, (await readFile(manifest, 'utf8')).replace(`"${version}"`, '"99.0.0"'))
  await writeFile(join(root, settings), '# a new default\n', { flag: 'a' })
}

async function buildRpm(machine: Container, spec: string, to: string, macros: readonly string[] = []): Promise<void> {
  const all = ['_topdir /root/build', '_rpmdir /root/build', '_build_name_fmt it.rpm', ...macros]
  await machine.ask('rpmbuild', '-bb', '--quiet', ...all.flatMap((macro) => ['--define', macro]), spec)
  await machine.ask('mv', '/root/build/it.rpm', to)
}

/** Debian's own files are in no database of rpm: this package stands for them. */
async function installBaseRpm(machine: Container): Promise<void> {
  const head = 'Name: base\nVersion: 1\nRelease: 1\nSummary: a test\nLicense: none\nBuildArch: noarch\n'
  const provides = ['/bin/sh', '/usr/sbin/useradd', 'glibc = 2.36'].map((name) => `Provides: ${name}\n`).join('')
  await machine.write('/root/base.spec', `${head}${provides}%description\na test\n%files\n`)
  await buildRpm(machine, '/root/base.spec', '/root/base.rpm')
  await machine.ask('rpm', '--install', '/root/base.rpm')
}

// Without root, overlays or apt there are no containers. In CI the tests run or fail.
describe.skipIf(skipReason !== undefined)('the packages of the server', () => {
  let folder: string
  let release: string
  let host: ContainerHost
  let version: string
  let root: RpmRoot

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chandler-package-'))
    release = join(folder, 'release')
    host = await startContainerHost()
    ;({ version } = JSON.parse(await readFile(join(project, 'package.json'), 'utf8')) as { version: string })
    const platform = `--platform=linux-${isArm ? 'arm64' : 'x64'}`
    const args = ['scripts/release/main.ts', '--fast', platform, '--only=deb', '--only=rpm', `--output=${release}`]
    // This machine may have no rpmbuild.
    const programs = join(folder, 'bin')
    await mkdir(programs)
    root = await startRpmRoot('layer', 'release')
    const rpmbuild = `#!/bin/sh\nexec nsenter ${root.enter.join(' ')} rpmbuild "$@"\n`
    await writeFile(join(programs, 'rpmbuild'), rpmbuild, { mode: 0o755 })
    const env = { ...process.env, PATH: `${programs}:${process.env['PATH']}` }
    await run(process.execPath, args, { cwd: project, maxBuffer: 1 << 24, env })
  }, 900_000)
  afterAll(async () => {
    root?.holder.kill('SIGKILL')
    await host?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  describe.each(kinds)('.$kind', (steps) => {
    let machine: Container
    let url: string

    beforeAll(async () => {
      machine = await host.add(`server-${steps.kind}`, { isBare: true })
      await machine.boot()
      await steps.prepare(machine)
      await cp(join(release, steps.nameFile(version)), join(machine.disk, `root/chandler.${steps.kind}`))
      // The container shares the network of this machine.
      const port = await findFreePort()
      url = `http://127.0.0.1:${port}`
      await machine.write('/etc/chandler/environment', `CHANDLER_LISTEN=127.0.0.1:${port}\n`)
    }, 300_000)
    afterAll(() => machine?.cut())

    const askAll = async (commands: readonly (readonly string[])[]) => {
      for (const command of commands) await machine.ask(...command)
    }
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

    test('installation: the server runs as its own user; the first credentials work', async () => {
      explainFailure()
      const [install = [], ...others] = steps.install
      await machine.ask(...install)
      if (!steps.isStartedByInstall) expect(await state()).toBe('inactive')
      await askAll(others)
      expect(await untilSignedIn()).toMatchObject({ userName: 'admin' })
      expect(await state()).toBe('active')
      expect((await machine.run('systemctl', 'is-enabled', 'chandler')).stdout).toBe('enabled\n')
      expect(await machine.ask('stat', '--format=%U:%G %a', settings)).toBe('root:chandler 640\n')
      expect(await machine.ask('stat', '--format=%U:%G %a', '/var/lib/chandler')).toBe('chandler:chandler 700\n')
      expect(await machine.ask('stat', '--format=%U', `/proc/${(await processId()).trim()}`)).toBe('chandler\n')
      const journal = await machine.ask('journalctl', '--no-pager', '-u', 'chandler')
      expect(journal).not.toMatch(/ACCESS_KEY_SECRET=|CONSOLE_PASSWORD=/)
      expect(await machine.ask('chandler', 'server', 'check')).toContain('The settings are valid.')
      expect(await machine.ask('systemctl', 'cat', 'chandler')).toContain(
        await readFile(join(project, 'packaging/chandler.service'), 'utf8'),
      )
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
      await steps.buildNext(machine, version)
      const before = await processId()
      await machine.ask(...steps.upgrade)
      expect(await untilSignedIn()).toMatchObject({ userName: 'admin', region: 'eu-1' })
      expect(await processId()).not.toBe(before)
      expect(await machine.ask('chandler', '--version')).toBe('99.0.0\n')
      expect(await chandler('user', 'list', '-o', 'json')).toContain('"kept"')
    })

    test('another installation of a version does not start a server that was stopped', async () => {
      await machine.ask('systemctl', 'stop', 'chandler')
      await machine.ask(...steps.upgrade)
      expect(await state()).toBe('inactive')
      await machine.ask('systemctl', 'start', 'chandler')
      await untilSignedIn()
    })

    test('removal keeps the data, and the next installation continues with it', async () => {
      explainFailure()
      await machine.ask(...steps.remove)
      expect(await state()).toBe('inactive')
      expect(await exists('/usr/lib/chandler/package.json')).toBe(false)
      expect(await exists('/var/lib/chandler/secret.key')).toBe(true)
      expect(await machine.ask('cat', steps.keptSettings)).toContain('region: eu-1')
      await askAll(steps.reinstall)
      expect(await untilSignedIn()).toMatchObject({ region: 'eu-1' })
      expect(await chandler('user', 'list', '-o', 'json')).toContain('"kept"')
    })

    test('purge removes data, settings and user', async () => {
      await askAll(steps.purge)
      expect(await exists('/var/lib/chandler')).toBe(false)
      expect(await exists('/etc/chandler')).toBe(false)
      expect((await machine.run('getent', 'passwd', 'chandler')).code).not.toBe(0)
      expect((await machine.run('systemctl', 'cat', 'chandler')).code).not.toBe(0)
    })
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
