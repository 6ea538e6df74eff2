// A real S3 server: OpenStack Swift with its S3 API (Debian's packages), on loopback, with its data in a temporary folder.
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, vi } from 'vitest'

const run = promisify(execFile)
const packages = ['swift-proxy', 'swift-account', 'swift-container', 'swift-object', 'memcached']
const isRoot = process.getuid?.() === 0

export interface SwiftServer {
  readonly endpoint: string
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
  /** Stops every process, for a store that is unreachable; `start` undoes it. */
  stop(): Promise<void>
  start(): Promise<void>
  /** Limits the number of bytes in a bucket (a quota); undefined removes the limit. */
  setQuota(bucket: string, bytes: number | undefined): Promise<void>
  remove(): Promise<void>
}

/**
 * Why Swift cannot run here; undefined if it can. It runs as installed, or as root on Debian from packages that are
 * installed into an overlay, which vanishes with its processes.
 */
export async function whyNoSwift(): Promise<string | undefined> {
  if (existsSync('/usr/bin/swift-proxy-server')) return undefined
  if (!isRoot || !existsSync('/usr/bin/apt-get'))
    return 'Swift is not installed, and only root on Debian can install it'
  const canMount = await run('unshare', ['--mount', '--propagation', 'private', 'true']).then(
    () => true,
    () => false,
  )
  return canMount ? undefined : 'Swift is not installed, and this machine lets nobody mount an overlay'
}

/** @throws if it does not answer within a minute */
export async function startSwift(): Promise<SwiftServer> {
  // Not below /tmp of the test run if that has no extended attributes.
  const folder = await mkdtemp(join(tmpdir(), 'chandler-swift-'))
  const [proxy, account, container, object, memcached] = await findPorts(5)
  const endpoint = `http://127.0.0.1:${proxy}`
  const enter = existsSync('/usr/bin/swift-proxy-server') ? undefined : await installInOverlay(folder)
  await writeConfiguration(folder, { proxy, account, container, object, memcached } as Ports)
  const inside = (command: string, args: readonly string[]): readonly [string, readonly string[]] =>
    enter === undefined ? [command, args] : ['nsenter', [...enter.args, command, ...args]]
  async function buildRings(): Promise<void> {
    for (const [name, port] of [
      ['account', account],
      ['container', container],
      ['object', object],
    ] as const) {
      const builder = join(folder, `${name}.builder`)
      for (const args of [['create', '2', '1', '0'], ['add', `r1z1-127.0.0.1:${port}/d1`, '1'], ['rebalance']])
        await run(...(inside('swift-ring-builder', [builder, ...args]) as [string, string[]])).catch((error) => {
          if (error.code !== 1) throw error
        })
      // The builder warns with the same exit code with which it fails.
      if (!existsSync(join(folder, `${name}.ring.gz`))) throw new Error(`Swift has no ring for ${name}`)
    }
  }

  let processes: ChildProcess[] = []
  async function start(): Promise<void> {
    const serverOf = (name: string) => inside(`swift-${name}-server`, [join(folder, `${name}.conf`)])
    const cache = inside('memcached', [
      '-l',
      '127.0.0.1',
      '-p',
      String(memcached),
      '-U',
      '0',
      '-u',
      userInfo().username,
    ])
    const run = ([command, args]: readonly [string, readonly string[]]) =>
      void processes.push(spawn(command, args, { stdio: 'ignore' }))
    processes = []
    for (const one of [cache, ...['account', 'container', 'object'].map(serverOf)]) run(one)
    // The proxy avoids a server that did not answer for a while.
    for (const port of [memcached, account, container, object]) await untilListening(port as number)
    run(serverOf('proxy'))
    await vi.waitFor(async () => expect((await fetch(`${endpoint}/healthcheck`)).status).toBe(200), {
      timeout: 110_000,
      interval: 100,
    })
  }
  async function stop(): Promise<void> {
    const ended = processes.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null)
    for (const one of ended) one.kill('SIGKILL')
    await Promise.all(ended.map((one) => once(one, 'exit')))
  }
  const remove = async () => {
    await stop()
    enter?.holder.kill('SIGKILL')
    await rm(folder, { recursive: true, force: true })
  }
  try {
    await buildRings()
    await start()
  } catch (error) {
    await remove()
    throw error
  }
  return {
    endpoint,
    credentials: { accessKeyId: 'test:tester', secretAccessKey: 'testing' },
    start,
    stop,
    async setQuota(bucket, bytes) {
      const auth = await fetch(`${endpoint}/auth/v1.0`, {
        headers: { 'x-auth-user': 'test:tester', 'x-auth-key': 'testing' },
      })
      const headers = {
        'x-auth-token': auth.headers.get('x-auth-token') ?? '',
        'x-container-meta-quota-bytes': bytes === undefined ? '' : String(bytes),
      }
      const answer = await fetch(`${auth.headers.get('x-storage-url')}/${bucket}`, { method: 'POST', headers })
      expect(answer.status, await answer.text()).toBe(204)
    },
    remove,
  }
}

interface Ports {
  readonly proxy: number
  readonly account: number
  readonly container: number
  readonly object: number
  /** Swift keeps its tokens in it. */
  readonly memcached: number
}

async function writeConfiguration(folder: string, ports: Ports): Promise<void> {
  const devices = join(folder, 'devices')
  await mkdir(join(devices, 'd1'), { recursive: true })
  await mkdir(join(folder, 'cache'))
  const common = (port: number) => `[DEFAULT]
bind_ip = 127.0.0.1
bind_port = ${port}
workers = 0
user = ${userInfo().username}
swift_dir = ${folder}
devices = ${devices}
mount_check = false
log_address = /nonexistent
fallocate_reserve = 0
`
  await writeFile(
    join(folder, 'swift.conf'),
    '[swift-hash]\nswift_hash_path_suffix = tests\nswift_hash_path_prefix = tests\n',
  )
  for (const name of ['account', 'container', 'object'] as const)
    await writeFile(
      join(folder, `${name}.conf`),
      `${common(ports[name])}[pipeline:main]
pipeline = ${name}-server
[app:${name}-server]
use = egg:swift#${name}
`,
    )
  const filters = [
    'catch_errors',
    'gatekeeper',
    'healthcheck',
    'cache',
    'listing_formats',
    'bulk',
    's3api',
    'tempauth',
    'copy',
    'container_quotas',
    'slo',
    'dlo',
  ]
  const settings: Readonly<Record<string, string>> = {
    cache: `memcache_servers = 127.0.0.1:${ports.memcached}\n`,
    s3api: 'location = us-east-1\nauth_pipeline_check = false\n',
    tempauth: 'user_test_tester = testing .admin\n',
  }
  await writeFile(
    join(folder, 'proxy.conf'),
    `${common(ports.proxy)}[pipeline:main]
pipeline = ${filters.join(' ')} proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
node_timeout = 60
conn_timeout = 20
error_suppression_limit = 100000
${filters.map((name) => `[filter:${name}]\nuse = egg:swift#${name === 'cache' ? 'memcache' : name}\n${settings[name] ?? ''}`).join('')}`,
  )
}

/**
 * The packages in an overlay over this machine; /tmp is the same inside. Ready only after chroot:
 * until then nsenter --root leads to the root of this machine.
 */
async function installInOverlay(folder: string) {
  const script = `set -e
mount -t tmpfs -o size=1g tmpfs "$1/overlay"
mkdir "$1/overlay/upper" "$1/overlay/work" "$1/overlay/root"
mount -t overlay overlay -o lowerdir=/,upperdir="$1/overlay/upper",workdir="$1/overlay/work" "$1/overlay/root"
for name in proc sys dev tmp; do mount --rbind /$name "$1/overlay/root/$name"; done
chroot "$1/overlay/root" sh -c 'export DEBIAN_FRONTEND=noninteractive
printf "#!/bin/sh\\nexit 101\\n" > /usr/sbin/policy-rc.d; chmod 755 /usr/sbin/policy-rc.d
apt-get -qq update && apt-get -qq -y --no-install-recommends install ${packages.join(' ')}' >"$1/apt.log" 2>&1
exec chroot "$1/overlay/root" sh -c 'echo ready; exec sleep infinity'`
  await mkdir(join(folder, 'overlay'))
  const holder = spawn('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', script, 'sh', folder], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const ready = await Promise.race([
    once(holder.stdout, 'data').then(() => true),
    once(holder, 'exit').then(() => false),
  ])
  if (!ready) throw new Error(`Swift could not be installed: ${await readFile(join(folder, 'apt.log'), 'utf8')}`)
  // The working directory of nsenter itself is outside of the new root, where Python finds no name for it.
  const enterRoot = ['--target', `${holder.pid}`, '--mount', '--root', '--', 'sh', '-c', 'cd / && exec "$0" "$@"']
  return { holder, args: enterRoot }
}

const untilListening = (port: number) =>
  vi.waitFor(
    async () => {
      const socket = connect(port, '127.0.0.1')
      try {
        await once(socket, 'connect')
      } finally {
        socket.destroy()
      }
    },
    { timeout: 110_000, interval: 100 },
  )

async function findPorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map((server) => once(server, 'listening')))
  const ports = servers.map((server) => (server.address() as { port: number }).port)
  await Promise.all(servers.map((server) => once(server.close(), 'close')))
  return ports
}
