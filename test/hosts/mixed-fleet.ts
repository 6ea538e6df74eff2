/**
 * Servers of three kinds with real agents: one with apt, one with dnf, one without a package manager. Each is a root
 * of its own with the network of this machine. Their reboot is that of the agent's tests: the reboot command changes
 * the boot id and kills the agent, and the next agent is the one after the boot.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { vi } from 'vitest'
import type { CliSystem } from '../integration/cli/cli-system.ts'
import { prepareRpmRoots, type RpmRoot, startRpmRoot } from './rpm-root.ts'

const program = fileURLToPath(new URL('../../bin/chandler.mjs', import.meta.url))
const patience = { timeout: 110_000, interval: 100 }

/** /etc/os-release of each machine, and the package managers that it does not have. */
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
export type MachineName = keyof typeof machines
const machineNames = Object.keys(machines) as MachineName[]

const rebootCommand =
  'echo boot >> /srv/ledger; n=$(cat /srv/boot-id); echo $((n + 1)) > /srv/boot-id; kill -KILL $PPID'
/** What the scripts of the extension write about themselves; /srv/ledger is the machine's own. */
const note = (line: string) => `echo "${line}" >> /srv/ledger`

export interface MixedFleet {
  /** What is installed on each machine, by its own package manager. */
  installed(): Record<MachineName, string>
  /** What ran on each machine since the last call, in order. */
  takeLedgers(): Record<MachineName, string[]>
  /** Resolves when the machines have gone down for a reboot. */
  untilDown(): Promise<void>
  /** Starts the machines that are down. */
  boot(): void
  /**
   * The folder of an extension `demo` of this version, with a deb, an rpm and a tar configuration.
   * @param requestsReboot scripts of the version request a reboot
   */
  writeExtension(version: string, options?: { readonly requestsReboot?: boolean }): Promise<string>
  stop(): Promise<void>
}

/** Resolves when all agents are connected to the server of the system. */
export async function startMixedFleet(system: CliSystem): Promise<MixedFleet> {
  await prepareRpmRoots()
  const roots = new Map<MachineName, RpmRoot>()
  const agents = new Map<MachineName, ChildProcess>()
  const enterOf = (machine: MachineName) => roots.get(machine)?.enter ?? []
  const inRoot = (machine: MachineName, ...command: string[]) =>
    execFileSync('nsenter', [...enterOf(machine), ...command], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  const look = (machine: MachineName, command: string) =>
    inRoot(machine, 'sh', '-c', `${command} 2>/dev/null || true`).trim()
  const isDown = (machine: MachineName) => {
    const agent = agents.get(machine)
    return agent === undefined || agent.exitCode !== null || agent.signalCode !== null
  }

  function startAgent(machine: MachineName, ...more: string[]): void {
    const settings = [`CHANDLER_AGENT_REBOOT_COMMAND=${rebootCommand}`, 'CHANDLER_AGENT_BOOT_ID_FILE=/srv/boot-id']
    const command = [...settings, process.execPath, program, 'agent', '--server', system.server]
    const state = ['--state', '/var/lib/chandler-test', '--name', machine]
    agents.set(machine, spawn('nsenter', [...enterOf(machine), ...command, ...state, ...more], { stdio: 'ignore' }))
  }

  const { stdout: token } = await system.run('token', 'create', '--uses', String(machineNames.length))
  for (const machine of machineNames) {
    roots.set(machine, await startRpmRoot('layer', machine))
    const { release, without } = machines[machine]
    inRoot(machine, 'sh', '-c', 'rm -f /etc/os-release; printf %s "$1" > /etc/os-release', 'sh', release)
    inRoot(machine, 'sh', '-c', 'echo 1 > /srv/boot-id; : > /srv/ledger')
    inRoot(machine, 'rm', '-f', ...without.map((name) => `/usr/bin/${name}`))
    startAgent(machine, '--token', token.trim())
  }
  await vi.waitFor(async () => {
    const all = await system.json<{ status: string }[]>('instance', 'list')
    const online = all.filter(({ status }) => status === 'online').length
    if (online < machineNames.length) throw new Error(`${online} of ${machineNames.length} agents are connected`)
  }, patience)

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

  return {
    installed: () => ({
      debian: look('debian', "dpkg-query --show --showformat='${db:Status-Status} ${Version}' demo"),
      rocky: look('rocky', "rpm --query --queryformat '%{VERSION}' demo | grep -v installed"),
      other: look('other', 'cat /opt/demo/version'),
    }),
    takeLedgers() {
      const taken = machineNames.map((machine) => {
        const lines = look(machine, 'cat /srv/ledger; : > /srv/ledger').split('\n').filter(Boolean)
        return [machine, lines] as const
      })
      return Object.fromEntries(taken) as Record<MachineName, string[]>
    },
    untilDown: () =>
      vi.waitFor(() => {
        const up = machineNames.filter((machine) => !isDown(machine))
        if (up.length > 0) throw new Error(`${up.join(', ')} did not reboot`)
      }, patience),
    boot() {
      for (const machine of machineNames) if (isDown(machine)) startAgent(machine)
    },
    async writeExtension(version, { requestsReboot = false } = {}) {
      // A package without scripts is installed by the package manager, which requests nothing: its output script does.
      const reboot = requestsReboot ? ': > "$CHANDLER_REBOOT"' : 'true'
      const output = 'output: output.sh, verify: [{ kind: script, script: check.sh }]'
      const place = await system.makeExtension('demo', {
        'extension.yaml': `name: demo
configurations:
  - { os: linux, platforms: [{ id: "like:debian" }], artifact: demo_${version}_all.deb, ${output} }
  - { os: linux, platforms: [{ id: "like:rhel", versions: ">=8" }], artifact: demo-${version}-1.noarch.rpm, signature: ifSigned, ${output} }
  - { os: linux, artifact: demo-${version}.tar, unpack: true, install: install.sh, uninstall: uninstall.sh, verify: [{ kind: script, script: check.sh }] }
`,
        'install.sh': `#!/bin/sh
${note(`install ${version}`)}
mkdir -p /opt/demo && cp version /opt/demo/version && ${requestsReboot ? 'exit 194' : 'exit 0'}
`,
        'uninstall.sh': `#!/bin/sh
${note(`uninstall ${version}`)}
rm -r /opt/demo
`,
        'check.sh': `#!/bin/sh
${note(`check ${version}`)}
`,
        'output.sh': `#!/bin/sh
${note(`output ${version}`)}
echo "demo ${version} is ready"
${reboot}
`,
      })
      const files = [
        [await buildDeb(version), `demo_${version}_all.deb`],
        [await buildRpm(version), `demo-${version}-1.noarch.rpm`],
        [await buildTar(version), `demo-${version}.tar`],
      ] as const
      for (const [from, to] of files) execFileSync('cp', [from, join(place, to)])
      return place
    },
    async stop() {
      for (const agent of agents.values()) {
        if (agent.exitCode !== null || agent.signalCode !== null) continue
        const ended = once(agent, 'exit')
        agent.kill('SIGTERM')
        await ended
      }
      for (const { holder } of roots.values()) holder.kill('SIGKILL')
    },
  }
}
