// One extension with a deb, an rpm and a tar configuration, on servers of three kinds at once: each gets its own, by its own package manager.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { explainNoRpmRoots, prepareRpmRoots, type RpmRoot, startRpmRoot } from '../agent/rpm-root.ts'
import { type CliSystem, startCliSystem } from './cli-system.ts'

const program = fileURLToPath(new URL('../../../bin/chandler.mjs', import.meta.url))
const noRoots = explainNoRpmRoots()

/** /etc/os-release of each machine, and what its packages are not managed with. */
const machines = {
  debian: {
    release: 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n',
    without: ['rpm', 'dnf', 'zypper', 'yum'],
  },
  rocky: {
    release: 'ID="rocky"\nID_LIKE="rhel centos fedora"\nVERSION_ID="9.4"\nPRETTY_NAME="Rocky Linux 9.4 (Blue Onyx)"\n',
    without: ['apt-get', 'dpkg', 'zypper'],
  },
  other: { release: 'ID=other\nPRETTY_NAME="Other"\n', without: ['apt-get', 'dpkg', 'rpm', 'dnf', 'zypper', 'yum'] },
} as const
type Machine = keyof typeof machines
const names = Object.keys(machines) as Machine[]

let system: CliSystem
const roots = new Map<Machine, RpmRoot>()
const agents: ChildProcess[] = []

const inRoot = (machine: Machine, ...command: string[]) =>
  execFileSync('nsenter', [...roots.get(machine)!.enter, ...command], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
const look = (machine: Machine, command: string) => inRoot(machine, 'sh', '-c', `${command} 2>/dev/null || true`).trim()

/** What is installed on each machine, by its own package manager. */
const installed = () => ({
  debian: look('debian', "dpkg-query --show --showformat='${db:Status-Status} ${Version}' demo"),
  rocky: look('rocky', "rpm --query --queryformat '%{VERSION}' demo | grep -v installed"),
  other: look('other', 'cat /opt/demo/version'),
})

beforeAll(async () => {
  if (noRoots !== undefined) return
  await prepareRpmRoots()
  system = await startCliSystem()
  for (const machine of names) {
    const root = await startRpmRoot('layer', machine)
    roots.set(machine, root)
    const { release, without } = machines[machine]
    inRoot(machine, 'sh', '-c', 'rm -f /etc/os-release; printf %s "$1" > /etc/os-release', 'sh', release)
    inRoot(machine, 'rm', '-f', ...without.map((name) => `/usr/bin/${name}`))
  }
  const { stdout } = await system.run('token', 'create', '--uses', String(names.length))
  for (const machine of names) {
    const child = spawn(
      'nsenter',
      [
        ...roots.get(machine)!.enter,
        process.execPath,
        program,
        'agent',
        '--server',
        system.server,
        '--token',
        stdout.trim(),
        '--state',
        '/var/lib/chandler-test',
        '--name',
        machine,
      ],
      { stdio: 'ignore' },
    )
    agents.push(child)
  }
  await vi.waitFor(
    async () => {
      const online = (await system.json<{ status: string }[]>('instance', 'list')).filter(
        (one) => one.status === 'online',
      )
      if (online.length < names.length) throw new Error(`${online.length} of ${names.length} agents are connected`)
    },
    { timeout: 60_000, interval: 200 },
  )
}, 900_000)

afterAll(async () => {
  for (const agent of agents) {
    const ended = once(agent, 'exit')
    if (agent.kill('SIGTERM')) await ended
  }
  for (const { holder } of roots.values()) holder.kill('SIGKILL')
  await system?.stop()
})

/** Builds in the root of the rpm server; /tmp is the same everywhere. */
async function buildRpm(version: string): Promise<string> {
  const work = join(system.folder, `rpm-${version}`)
  await mkdir(work, { recursive: true })
  const spec = `Name: demo
Version: ${version}
Release: 1
Summary: a test
License: none
AutoReqProv: no
BuildArch: noarch
%description
a test
%install
mkdir -p %{buildroot}/usr/share/demo
echo ${version} > %{buildroot}/usr/share/demo/version
%files
/usr/share/demo/version
`
  await writeFile(join(work, 'it.spec'), spec)
  const defines = [`_topdir ${work}`, `_rpmdir ${work}`, '_build_name_fmt it.rpm'].flatMap((one) => ['--define', one])
  inRoot('rocky', 'rpmbuild', '-bb', '--quiet', '--target', 'noarch', ...defines, join(work, 'it.spec'))
  return join(work, 'it.rpm')
}

async function buildDeb(version: string): Promise<string> {
  const work = join(system.folder, `deb-${version}`)
  await mkdir(join(work, 'DEBIAN'), { recursive: true })
  await mkdir(join(work, 'usr/share/demo'), { recursive: true })
  await chmod(work, 0o755)
  await writeFile(join(work, 'usr/share/demo/version'), `${version}\n`)
  const control = `Package: demo\nVersion: ${version}\nArchitecture: all\nMaintainer: Nobody <nobody@example.com>\nDescription: a test\n`
  await writeFile(join(work, 'DEBIAN/control'), control)
  inRoot('debian', 'dpkg-deb', '--build', '--root-owner-group', work, `${work}.deb`)
  return `${work}.deb`
}

async function buildTar(version: string): Promise<string> {
  const work = join(system.folder, `tar-${version}`)
  await mkdir(work)
  await writeFile(join(work, 'version'), `${version}\n`)
  execFileSync('tar', ['-C', work, '-cf', `${work}.tar`, 'version'])
  return `${work}.tar`
}

async function writeExtension(version: string): Promise<string> {
  const place = await system.makeExtension('demo', {
    'extension.yaml': `name: demo
configurations:
  - { os: linux, platforms: [{ id: "like:debian" }], artifact: demo_${version}_all.deb }
  - { os: linux, platforms: [{ id: "like:rhel", versions: ">=8" }], artifact: demo-${version}-1.noarch.rpm, signature: ifSigned }
  - { os: linux, artifact: demo-${version}.tar, unpack: true, install: install.sh, uninstall: uninstall.sh }
`,
    'install.sh': '#!/bin/sh\nmkdir -p /opt/demo && cp version /opt/demo/version\n',
    'uninstall.sh': '#!/bin/sh\nrm -r /opt/demo\n',
  })
  const files = [
    [await buildDeb(version), `demo_${version}_all.deb`],
    [await buildRpm(version), `demo-${version}-1.noarch.rpm`],
    [await buildTar(version), `demo-${version}.tar`],
  ] as const
  for (const [from, to] of files) execFileSync('cp', [from, join(place, to)])
  return place
}

test('one execution each installs, updates and removes it on a Debian, an rpm and another server', async ({ skip }) => {
  skip(noRoots !== undefined, `no roots with rpm: ${noRoots}`)
  await system.json('extension', 'create', await writeExtension('1.0'))
  const facts = await system.json<{ name: string; facts: { os: { id: string; idLike?: string[] } } }[]>(
    'instance',
    'list',
  )
  expect(Object.fromEntries(facts.map((one) => [one.name, [one.facts.os.id, one.facts.os.idLike]]))).toEqual({
    debian: ['debian', []],
    rocky: ['rocky', ['rhel', 'centos', 'fedora']],
    other: ['other', []],
  })

  const run = async (...args: string[]) => {
    const { code, stdout, stderr } = await system.run(...args, '--targets', 'all', '--strict')
    expect(code, stdout + stderr).toBe(0)
  }
  await run('install', 'demo')
  expect(installed()).toEqual({ debian: 'installed 1.0', rocky: '1.0', other: '1.0' })
  await system.json('extension', 'update', await writeExtension('2.0'))
  await run('update', 'demo')
  expect(installed()).toEqual({ debian: 'installed 2.0', rocky: '2.0', other: '2.0' })
  await run('uninstall', 'demo')
  expect(installed()).toEqual({ debian: '', rocky: '', other: '' })
})
