// docs/install.md on a new machine with Debian and systemd: its commands, in its order. Package, TLS with the CA of the server,
// sign-in, three agents that pin it, an installation, metrics, backup, upgrade, restore.
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, onTestFailed, test, vi } from 'vitest'
import { projectRoot } from '../rules/project-files.ts'
import type { Container } from './container.ts'
import { type ContainerHost, startContainerHost } from './container-host.ts'
import { type InstallPage, readInstallPage } from './install-page.ts'
import { skipReason } from './live-system.ts'

const execute = promisify(execFile)
const debArch = process.arch === 'arm64' ? 'arm64' : 'amd64'
const patience = { timeout: 110_000, interval: 200 }
vi.setConfig({ testTimeout: 300_000 })

/** Commands of the page that these tests do not run, and why. */
const notRun: readonly (readonly [command: RegExp, reason: string])[] = [
  [/^sha256sum |^ssh-keygen -Y verify/, 'test/release/release.test.ts verifies a release'],
  [/^dnf install|^systemctl enable --now chandler/, 'needs a distribution with rpm'],
  [/^podman /, 'needs a container engine'],
  [/^npm ci && npm run release/, 'test/release/release.test.ts builds a release'],
  [/^runuser .* reset-admin$/, 'would change the credentials of the other commands; test/programs/server.test.ts'],
]

// Without root, overlays or apt there are no containers. In CI the tests run or fail.
describe.skipIf(skipReason !== undefined)('docs/install.md', () => {
  let folder: string
  let host: ContainerHost
  let machine: Container
  let nodes: Container[]
  let page: InstallPage
  let backupPage: InstallPage
  const ran = new Set<string>()

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chandler-install-page-'))
    const release = join(folder, 'release')
    const args = ['scripts/release/main.ts', '--fast', `--platform=linux-${debArch === 'arm64' ? 'arm64' : 'x64'}`]
    await execute(process.execPath, [...args, '--only=deb', `--output=${release}`], {
      cwd: projectRoot,
      maxBuffer: 1 << 24,
    })
    const { version } = JSON.parse(await readFile(join(projectRoot, 'package.json'), 'utf8')) as { version: string }
    host = await startContainerHost()
    machine = await host.add('server', { isBare: true })
    nodes = []
    for (const name of ['node1', 'node2', 'node3']) nodes.push(await host.add(name, { isBare: true }))
    await Promise.all([machine, ...nodes].map((one) => one.boot()))
    // The containers share the network of this machine, where other servers may have these ports.
    const [port, metricsPort] = await findFreePorts(2)
    const places = [
      ['_0.1.0_amd64.deb', `_${version}_${debArch}.deb`],
      ['_0.2.0_amd64.deb', `_99.0.0_${debArch}.deb`],
      ['7443', String(port)],
      ['9464', String(metricsPort)],
    ] as const
    page = await readInstallPage(new URL('../../docs/install.md', import.meta.url), places)
    backupPage = await readInstallPage(new URL('../../docs/backup.md', import.meta.url), places)
    for (const one of [machine, ...nodes]) await one.ask('sh', '-c', 'echo "127.0.0.1 chandler.example" >> /etc/hosts')
    const archive = `chandler_${version}_${debArch}.deb`
    await cp(join(release, archive), join(machine.disk, 'root', archive))
  }, 900_000)
  afterAll(async () => {
    await host?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  /** Runs the command of the page that matches, as a shell of root in /root; `change` replaces its examples. */
  async function follow(command: RegExp, change: (line: string) => string = (line) => line): Promise<string> {
    const line = page.commands.find((one) => command.test(one))
    if (line === undefined) throw new Error(`docs/install.md no longer has a command like ${command}`)
    ran.add(line)
    return shell(machine, change(line))
  }
  const shell = (container: Container, line: string) => container.ask('sh', '-c', `cd /root && ${line}`)
  function explainFailure() {
    onTestFailed(async () =>
      console.error((await machine.run('journalctl', '--no-pager', '-u', 'chandler')).stdout, await host.describe()),
    )
  }
  const credential = async (name: string) =>
    new RegExp(`^${name}=(.*)$`, 'm').exec(await shell(machine, 'cat /var/lib/chandler/initial-credentials'))?.[1] ?? ''
  const untilOnline = (count: number) =>
    vi.waitFor(async () => {
      const items = JSON.parse(await shell(machine, 'chandler instance list -o json')) as { status: string }[]
      expect(items.filter(({ status }) => status === 'online')).toHaveLength(count)
    }, patience)
  const untilReady = () => vi.waitFor(() => shell(machine, 'chandler whoami'), patience)
  const readHello = () => Promise.all(nodes.map((node) => node.ask('cat', '/etc/hello')))

  test('the package starts a server, whose first credentials are in a file', async () => {
    explainFailure()
    await follow(/^apt install \.\/chandler_(?!99)/)
    expect(await follow(/^systemctl status chandler/)).toContain('active (running)')
    await vi.waitFor(() => follow(/^cat \/var\/lib\/chandler\/initial-credentials/), patience)
  })

  test('with an address beyond loopback it serves HTTPS with its own CA; the CLI verifies the digest and signs in', async () => {
    explainFailure()
    const settings = page.block('yaml', 'publicUrl:')
    await shell(machine, `cat >> /etc/chandler/chandler.yaml <<'END'\n${settings}END`)
    expect(await follow(/^chandler server check/)).toContain('The settings are valid.')
    await follow(/^systemctl restart chandler/)
    const digest = await vi.waitFor(async () => {
      const journal = await machine.ask('journalctl', '--no-pager', '-u', 'chandler', '--output=cat')
      const [, found] = /^CA of this server: sha256 ([0-9a-f]{64})/m.exec(journal) ?? []
      expect(found).toBeDefined()
      return found ?? ''
    }, patience)
    const [id, secret] = [await credential('CHANDLER_ACCESS_KEY_ID'), await credential('CHANDLER_ACCESS_KEY_SECRET')]
    const signIn = (pinned: string) => (line: string) =>
      `echo ${secret} | ${line.replace('ak-…', id).replace('141d14e0…', pinned)}`
    // A wrong digest first: nothing is sent to that server.
    await expect(follow(/^chandler login/, signIn(`${'0'.repeat(64)}`))).rejects.toThrow(/has the SHA-256/)
    await follow(/^chandler login/, signIn(digest))
    await follow(/^chandler user create alice/)
    expect(await follow(/^curl .*\/metrics/)).toContain('chandler_agents_connected 0')
  })

  test('three machines join with the command that token create prints; their agents pin the CA', async () => {
    explainFailure()
    const printed = await follow(/^chandler token create/, (line) => `${line} 2>&1`)
    // The command is indented, below the token and its terms.
    const join = printed
      .split('\n')
      .filter((line) => line.startsWith('  '))
      .map((line) => line.slice(2))
      .join('\n')
    expect(join).toMatch(/install\.sh[\s\S]*[0-9a-f]{64}|[0-9a-f]{64}[\s\S]*install\.sh/)
    ran.add(page.commands.find((line) => line.startsWith('curl') && line.includes('install.sh')) ?? '')
    // The shell of the container is root's already.
    await Promise.all(nodes.map((node) => shell(node, join.replaceAll('sudo ', ''))))
    await untilOnline(3)
    for (const node of nodes) {
      const trust = await node.ask('cat', '/var/lib/chandler-agent/server-trust.json')
      expect(trust).toContain('BEGIN CERTIFICATE')
    }
    expect(await follow(/^chandler instance list/)).toMatch(/node1[\s\S]*node2[\s\S]*node3/)
    expect(await follow(/^chandler run/)).toMatch(/node/)
    expect(await follow(/^curl .*\/metrics/)).toContain('chandler_agents_connected 3')
  })

  test('the extension of the page is planned and installed in batches', async () => {
    explainFailure()
    for (const [language, file] of [
      ['yaml', 'hello/extension.yaml'],
      ['sh', 'hello/install.sh'],
      ['sh', 'hello/uninstall.sh'],
    ] as const)
      await machine.write(`/root/${file}`, page.block(language, `# ${file}\n`))
    await follow(/^chandler extension create/)
    expect(await follow(/^chandler plan install/)).toContain('install')
    await follow(/^chandler install/)
    expect(await readHello()).toEqual(['Hello\n', 'Hello\n', 'Hello\n'])
  })

  test('an upgrade keeps everything: the agents reconnect by themselves', async () => {
    explainFailure()
    await follow(/^systemctl stop chandler/)
    await follow(/^runuser .* server backup/)
    await shell(machine, 'install -m 400 /var/lib/chandler/secret.key /root/kept.key')
    await follow(/^systemctl start chandler/)
    await untilReady()
    await makeNext(machine)
    await follow(/^apt install \.\/chandler_99/)
    await untilReady()
    expect(await shell(machine, 'chandler --version')).toBe('99.0.0\n')
    expect(await shell(machine, 'chandler user list -o json')).toContain('"alice"')
    await untilOnline(3)
    await shell(machine, 'chandler install hello --targets all --param greeting=Again')
    expect(await readHello()).toEqual(['Again\n', 'Again\n', 'Again\n'])
  })

  test('a restore returns to the backup; agents correct what changed since', async () => {
    explainFailure()
    const lines = backupPage.commands
    const first = lines.findIndex((line) => line.startsWith('mv /var/lib/chandler '))
    for (const line of ['systemctl stop chandler', ...lines.slice(first, first + 4)])
      await shell(machine, line.replace('/somewhere/else/secret.key', '/root/kept.key'))
    await untilReady()
    await untilOnline(3)
    expect(await shell(machine, 'chandler user list -o json')).toContain('"alice"')
    await shell(machine, 'chandler uninstall hello --targets all')
    for (const node of nodes) expect((await node.run('test', '-e', '/etc/hello')).code).toBe(1)
  })

  test('every other command of the page has a reason why it is not run', () => {
    const unknown = page.commands.filter((line) => !ran.has(line) && !notRun.some(([command]) => command.test(line)))
    expect(unknown).toEqual([])
  })
})

/** The package as a later version. */
async function makeNext(machine: Container): Promise<void> {
  await machine.ask('sh', '-c', 'cd /root && dpkg-deb --raw-extract chandler_*.deb next')
  const manifest = join(machine.disk, 'root/next/usr/lib/chandler/package.json')
  await writeFile(manifest, (await readFile(manifest, 'utf8')).replace(/"version": "[^"]*"/, '"version": "99.0.0"'))
  await machine.ask('sed', '-i', 's/^Version: .*/Version: 99.0.0/', '/root/next/DEBIAN/control')
  const target = `/root/chandler_99.0.0_${debArch}.deb`
  await machine.ask('dpkg-deb', '--root-owner-group', '-Zgzip', '-z1', '--build', '/root/next', target)
}

async function findFreePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map((server) => once(server, 'listening')))
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map((server) => once(server.close(), 'close')))
  return ports
}
