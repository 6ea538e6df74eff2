// The compiled agent on systems that this machine is not: install.sh, installations, and a kill in the middle of a script.
import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFailed, onTestFinished, test, vi } from 'vitest'
import { compileAgent } from '../../scripts/release/compile-agent.ts'
import type { InstanceDetailView } from '../../src/protocol/api/instances.ts'
import { startPipedScript } from '../integration/agent/piped-script.ts'
import { type CliSystem, startCliSystem } from '../integration/cli/cli-system.ts'
import { findObstacle } from '../systemd/container-host.ts'
import { type Machine, type MachineKind, prepareMachines, startMachine } from './machine.ts'

interface System {
  readonly os: { readonly id: string; readonly version: string; readonly arch: 'x86_64' | 'arm64' }
  /** How the package `native` of an extension gets there; undefined: this system has no package manager. */
  readonly native?: { readonly artifact: 'deb' | 'rpm'; readonly query: string }
  /** What the system has not, apart from Node.js. */
  readonly without: readonly string[]
}

const dpkg = { artifact: 'deb', query: "dpkg-query --show --showformat='${Version}' native" } as const
const rpm = { artifact: 'rpm', query: "rpm --query --queryformat '%{VERSION}' native" } as const
const debian = (version: string): System => ({
  os: { id: 'debian', version, arch: 'x86_64' },
  native: dpkg,
  without: [],
})
const busybox = { id: 'busybox', version: '1' }
/** The roots with busybox have no C library. */
const systems: Record<MachineKind, System> = {
  'debian-11': debian('11'),
  'debian-12': debian('12'),
  'debian-13': debian('13'),
  bare: { os: debian('12').os, without: ['tar', 'gzip', 'sha256sum', 'openssl'] },
  rpm: { os: { id: 'fedora', version: '42', arch: 'x86_64' }, native: rpm, without: ['dpkg', 'apt-get'] },
  arm64: { os: { id: 'debian', version: '12', arch: 'arm64' }, without: [] },
  busybox: { os: { ...busybox, arch: 'x86_64' }, without: ['curl', 'bash', 'ldd'] },
  'busybox-bare': { os: { ...busybox, arch: 'x86_64' }, without: ['curl', 'tar', 'gzip', 'sha256sum', 'openssl'] },
  'busybox-arm64': { os: { ...busybox, arch: 'arm64' }, without: ['curl', 'bash', 'ldd'] },
}

const obstacle = process.arch === 'x64' ? findObstacle() : 'the roots are made on x86_64'

// In CI these tests run or fail; elsewhere they need Linux on x86_64, root and apt.
describe.skipIf(process.env['CI'] === undefined && obstacle !== undefined)('the executable', () => {
  const patience = { timeout: 110_000, interval: 100 }
  let work: string
  let system: CliSystem
  let script: string
  beforeAll(async () => {
    if (obstacle !== undefined) throw new Error(obstacle)
    await prepareMachines()
    work = await mkdtemp(join(tmpdir(), 'chandler-hosts-'))
    compileAgent(join(work, 'agents'), ['linux-x64', 'linux-arm64'])
    system = await startCliSystem({ CHANDLER_AGENT_EXECUTABLES: join(work, 'agents') })
    script = await (await fetch(`${system.server}/install.sh`)).text()
    await createTool()
  }, 600_000)
  afterAll(async () => {
    await system?.stop()
    await rm(work, { recursive: true, force: true })
  })

  async function createTool(): Promise<void> {
    const content = join(work, 'tool')
    await mkdir(content)
    await writeFile(join(content, 'greeting'), 'hello from a tar archive\n')
    execFileSync('tar', ['-C', content, '-czf', join(work, 'tool.tar.gz'), 'greeting'])
    const place = await system.makeExtension('tool', {
      'extension.yaml': `name: tool
parameters:
  port: { type: Number, default: 80 }
configurations:
  - { os: linux, artifact: tool.tar.gz, unpack: true, install: install.sh, uninstall: uninstall.sh, output: output.sh, verify: [{ kind: file, path: /opt/tool/greeting }] }
`,
      'install.sh':
        '#!/bin/sh\nset -e\nmkdir -p /opt/tool\ncp greeting /opt/tool/greeting\necho "$CHANDLER_PARAM_port" > /opt/tool/port\n',
      'output.sh': '#!/bin/sh\ncat /opt/tool/greeting\n',
      'uninstall.sh': '#!/bin/sh\nrm -r /opt/tool\n',
    })
    await writeFile(join(place, 'tool.tar.gz'), await readFile(join(work, 'tool.tar.gz')))
    await system.json('extension', 'create', place)
  }

  /** An extension `native` with one package of the system's own kind. */
  async function createNative(artifact: 'deb' | 'rpm', machine: Machine): Promise<void> {
    const place = join(work, artifact)
    await mkdir(join(place, 'tree/DEBIAN'), { recursive: true })
    const control =
      'Package: native\nVersion: 1.2\nArchitecture: all\nMaintainer: Nobody <nobody@example.com>\nDescription: a test\n'
    await writeFile(join(place, 'tree/DEBIAN/control'), control)
    await writeFile(
      join(place, 'extension.yaml'),
      `name: native-${artifact}\nconfigurations:\n  - { os: linux, artifact: native.${artifact}${artifact === 'rpm' ? ', signature: off' : ''} }\n`,
    )
    if (artifact === 'deb')
      execFileSync('dpkg-deb', ['--build', '--root-owner-group', join(place, 'tree'), join(place, 'native.deb')])
    else {
      const spec =
        'Name: native\nVersion: 1.2\nRelease: 1\nSummary: a test\nLicense: none\nBuildArch: noarch\n%description\na test\n%files\n'
      const defines = "--define '_topdir /tmp/r' --define '_rpmdir /tmp' --define '_build_name_fmt it.rpm'"
      machine.ask('sh', '-c', `printf %s "$1" > /tmp/it.spec; rpmbuild -bb --quiet ${defines} /tmp/it.spec`, 'sh', spec)
      const packed = machine.ask('base64', '/tmp/it.rpm')
      await writeFile(join(place, 'native.rpm'), Buffer.from(packed, 'base64'))
    }
    const known = await system.run('extension', 'show', `native-${artifact}`)
    if (known.code !== 0) await system.json('extension', 'create', place)
  }

  test.for(Object.entries(systems) as [MachineKind, System][])(
    'enrols and installs: %s',
    { timeout: 180_000 },
    async ([kind, { os, native, without }]) => {
      const machine = await startMachine(kind)
      onTestFinished(() => machine.stop())
      onTestFailed(() => console.error(machine.said()))
      const look = (command: string) => machine.ask('sh', '-c', command).trim()
      for (const name of ['node', ...without]) expect(look(`command -v ${name} || echo none`), name).toBe('none')

      const { stdout: token } = await system.run('token', 'create')
      const args = ['--token', token.trim(), '--no-service', '--name', kind]
      const installed = await startPipedScript(script, args, '/', { inside: machine.enter }).ended
      expect(installed, installed.said).toMatchObject({ code: 0 })
      const startAgent = () =>
        machine.start(
          'sh',
          '-c',
          `echo $$ > /tmp/agent; exec /opt/chandler-agent/current/bin/chandler-agent --server ${system.server} --state /var/lib/chandler-agent`,
        )
      startAgent()
      await vi.waitFor(async () => {
        const { facts, status } = await system.json<InstanceDetailView>('instance', 'show', kind)
        expect({ os: facts.os, status }).toMatchObject({ os, status: 'online' })
      }, patience)

      const targets = ['--targets', `name:${kind}`, '--yes']
      const install = await system.run('install', 'tool', ...targets, '--param', 'port=9000')
      expect(install, install.stdout + install.stderr).toMatchObject({ code: 0 })
      expect(look('cat /opt/tool/greeting /opt/tool/port')).toBe('hello from a tar archive\n9000')

      if (native !== undefined) {
        await createNative(native.artifact, machine)
        const name = `native-${native.artifact}`
        const added = await system.run('install', name, ...targets)
        expect(added, added.stdout + added.stderr).toMatchObject({ code: 0 })
        expect(look(native.query)).toBe('1.2')
        const removed = await system.run('uninstall', name, ...targets)
        expect(removed, removed.stdout + removed.stderr).toMatchObject({ code: 0 })
        expect(look(`${native.query} || echo none`)).toMatch(/none$/)
      }

      // The agent is killed under a script; the script runs to its end, once, and the next agent reports it.
      const command = 'echo begun >> /tmp/runs; while [ ! -e /tmp/go ]; do sleep 0.1; done; echo survived'
      const running = system.run('run', ...targets, '--', command)
      await vi.waitFor(() => expect(look('cat /tmp/runs 2>/dev/null || true')).toBe('begun'), patience)
      look('kill -9 $(cat /tmp/agent)')
      startAgent()
      look('touch /tmp/go')
      const ran = await running
      expect(ran, ran.stdout + ran.stderr).toMatchObject({ code: 0, stdout: expect.stringContaining('survived') })
      expect(look('cat /tmp/runs')).toBe('begun')

      const uninstall = await system.run('uninstall', 'tool', ...targets)
      expect(uninstall, uninstall.stdout + uninstall.stderr).toMatchObject({ code: 0 })
      expect(look('ls -d /opt/tool 2>/dev/null || echo none')).toBe('none')
      look('kill $(cat /tmp/agent)')
    },
  )
})
