import type { ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { get } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { Client as Database } from 'pg'
import { createTemporaryUser } from '../../scripts/temporary-user.ts'
import { uploadFile } from '../../src/cli/upload-file.ts'
import { type Client, createClient } from '../../src/client/client.ts'
import { readProcessTree } from './process-usage.ts'
import { endChild, spawnTied } from './tied-child.ts'

/**
 * Node.js starts a process by copying its page tables: 0.8 ms with the 45 MB of one agent, 3 to 5
 * ms with the 200 MB of 500 agents in one process, one at a time. No instance has 500 agents, so
 * that would not measure the agent: 500 x `true` took 2.5 s that way.
 */
const realInstancesPerProcess = 50

const program = new URL('../../bin/chandler.mjs', import.meta.url).pathname
const accessKeyId = 'AKBENCHMARK00000'
const accessKeySecret = 'benchmark-secret-0123456789abcdef'
const password = 'benchmark-password-0123456789'
const authorization = `Bearer ${accessKeyId}:${accessKeySecret}`

/**
 * A whole system of real processes in a temporary folder: server with embedded PostgreSQL, and
 * fleets.
 */
export interface System {
  readonly url: string
  readonly client: Client
  readonly startedInMs: number
  /** For further files of a benchmark; removed at the end. */
  readonly directory: string
  /** Authorization header for requests without the client. */
  readonly authorization: string
  /** Password of the user admin, for the console. */
  readonly password: string
  /** The server and its PostgreSQL. */
  usage(): ReturnType<typeof readProcessTree>
  /**
   * Instances in separate processes; resolves when all are connected. By default, simulated scripts
   * take no time.
   */
  addFleet(options: FleetOptions): Promise<{ pids: readonly number[]; connectedInMs: number }>
  /** Another server on the same PostgreSQL and the same objects. */
  addServer(): Promise<FurtherServer>
  /** A connection to its PostgreSQL, for bulk inserts that no API offers. */
  connectDatabase(): Promise<Database>
  /** Ends the server and starts it on the same data; resolves when it is ready. */
  restart(options?: { readonly signal?: 'SIGTERM' | 'SIGKILL' }): Promise<number>
  /** The values of its metrics, by name; those with labels are left out. */
  metrics(): Promise<ReadonlyMap<string, number>>
  stop(): Promise<void>
}

export interface FurtherServer {
  readonly url: string
  usage(): ReturnType<typeof readProcessTree>
}

export interface FleetOptions {
  readonly count: number
  /** Which server they connect to; default: the first. */
  readonly server?: string
  /** Instances of one process; default: all, with real scripts 50. */
  readonly perProcess?: number
  readonly scripts?: 'simulated' | 'real'
  readonly connectRate?: number
  /** Duration of simulated scripts. */
  readonly durationMs?: number
  readonly namePrefix?: string
}

/** @param tls serve HTTPS with a CA of its own, which fleets verify; default: plain HTTP on loopback */
export async function startSystem({ tls = false }: { readonly tls?: boolean } = {}): Promise<System> {
  const directory = await mkdtemp(join(tmpdir(), 'chandler-bench-'))
  // PostgreSQL's user needs to enter this folder if the benchmark runs as root: its data is inside
  // and removed with it.
  await chmod(directory, 0o711)
  const user = await createTemporaryUser()
  const children: ChildProcess[] = []
  const environment = {
    ...process.env,
    CHANDLER_BOOTSTRAP_ACCESS_KEY_ID: accessKeyId,
    CHANDLER_BOOTSTRAP_ACCESS_KEY_SECRET: accessKeySecret,
    CHANDLER_BOOTSTRAP_PASSWORD: password,
    CHANDLER_LOG_LEVEL: 'warn',
    CHANDLER_SECRET_KEY: randomBytes(32).toString('base64'),
    ...(user === undefined ? {} : { CHANDLER_DATABASE_USER: user.name }),
  }
  let port = 0

  function start(
    args: string[],
    ready: RegExp,
    env: NodeJS.ProcessEnv = {},
  ): Promise<{ child: ChildProcess; line: string; lines: readonly string[] }> {
    const child = spawnTied(process.execPath, [program, ...args], {
      env: { ...environment, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    children.push(child)
    return new Promise((resolve, reject) => {
      child.on('exit', (code) => reject(new Error(`chandler ${args[0]} ended with ${code} before it was ready`)))
      const lines: string[] = []
      createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
        lines.push(line)
        if (ready.test(line)) resolve({ child, line, lines })
      })
    })
  }

  let caSha256: string | undefined
  async function startServer(): Promise<{ child: ChildProcess; url: string; inMs: number }> {
    const from = performance.now()
    const args = ['server', '--data', join(directory, 'data'), '--listen', `127.0.0.1:${port}`]
    const { child, line, lines } = await start([...args, ...(tls ? ['--tls'] : [])], /^chandler listening on /)
    caSha256 = lines.map((one) => /sha256 ([0-9a-f]{64})/.exec(one)?.[1]).find((digest) => digest !== undefined)
    const url = line.split(' ').at(-1) as string
    port = Number(new URL(url).port)
    return { child, url, inMs: performance.now() - from }
  }

  async function findDatabase(serverPid: number): Promise<{ host: string; password: string }> {
    const { password: ofDatabase } = JSON.parse(await readFile(join(directory, 'data', 'postgres.json'), 'utf8')) as {
      password: string
    }
    return { host: await findSocketDirectory(serverPid), password: ofDatabase }
  }

  let furtherServers = 0
  let server = await startServer()
  if (tls) await trustServer(server.url)
  const client = createClient({ server: server.url, accessKeyId, accessKeySecret, upload: uploadFile })

  return {
    url: server.url,
    client,
    startedInMs: server.inMs,
    directory,
    authorization,
    password,
    usage: () => readProcessTree(server.child.pid as number),
    async addFleet(fleet) {
      const { count, scripts = 'simulated', connectRate = 500, durationMs = 0, namePrefix = 'sim' } = fleet
      const { token } = await client.joinTokens.create({ uses: count })
      const from = performance.now()
      const perProcess = fleet.perProcess ?? (scripts === 'real' ? realInstancesPerProcess : count)
      const processes = Array.from({ length: Math.ceil(count / perProcess) }, (_, index) => {
        const size = Math.min(perProcess, count - index * perProcess)
        const args = ['instance', 'simulate', '--server', fleet.server ?? server.url]
        args.push('--token', token, '--count', String(size))
        args.push(
          '--connect-rate',
          String(connectRate),
          '--name-prefix',
          `${namePrefix}-${index + 1}`,
          '--scripts',
          scripts,
        )
        if (caSha256 !== undefined) args.push('--ca-sha256', caSha256)
        args.push(
          ...(scripts === 'real' ? ['--state', directory] : ['--duration', `${durationMs}ms`, '--output-bytes', '200']),
        )
        return start(args, /simulated instances connected/)
      })
      const pids = (await Promise.all(processes)).map(({ child }) => child.pid as number)
      return { pids, connectedInMs: performance.now() - from }
    },
    async addServer() {
      const { host, password: ofDatabase } = await findDatabase(server.child.pid as number)
      furtherServers += 1
      const args = ['server', '--data', join(directory, `data-${furtherServers + 1}`), '--listen', '127.0.0.1:0']
      const { child, line } = await start(args, /^chandler listening on /, {
        CHANDLER_DATABASE_USER: undefined,
        CHANDLER_OBJECTS: join(directory, 'data', 'objects'),
        // The embedded PostgreSQL accepts 100 connections.
        CHANDLER_DATABASE_CONNECTIONS: '10',
        DATABASE_URL: `postgresql://chandler:${ofDatabase}@localhost/chandler?host=${encodeURIComponent(host)}`,
      })
      return { url: line.split(' ').at(-1) as string, usage: () => readProcessTree(child.pid as number) }
    },
    async connectDatabase() {
      const database = new Database({
        ...(await findDatabase(server.child.pid as number)),
        port: 5432,
        user: 'chandler',
        database: 'chandler',
      })
      await database.connect()
      return database
    },
    async restart({ signal = 'SIGTERM' } = {}) {
      await endChild(server.child, signal)
      server = await startServer()
      return server.inMs
    },
    async metrics() {
      const answer = await fetch(`${server.url}/metrics`, { headers: { authorization } })
      if (!answer.ok) throw new Error(`/metrics answered ${answer.status}`)
      const lines = (await answer.text()).split('\n').map((line) => /^(\w+) (\S+)$/.exec(line))
      return new Map(lines.flatMap((match) => (match === null ? [] : [[match[1] ?? '', Number(match[2])] as const])))
    },
    async stop() {
      for (const child of children.toReversed()) await endChild(child)
      await user?.remove()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** Requests of this process then verify the server with its own CA. */
async function trustServer(url: string): Promise<void> {
  const [answer] = (await once(get(`${url}/ca.pem`, { rejectUnauthorized: false }), 'response')) as [IncomingMessage]
  setDefaultCACertificates([...getCACertificates('default'), await text(answer)])
}

/**
 * The command line of the embedded PostgreSQL contains the path of its socket; if the benchmark
 * runs as root, it runs as another user, in another folder.
 */
async function findSocketDirectory(serverPid: number): Promise<string> {
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '')
    if (Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) !== serverPid) continue
    const args = (await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '')).split('\0')
    const found = args.find((word) => word.includes('unix_socket_directories='))
    if (found !== undefined) return found.slice(found.indexOf('=') + 1)
  }
  throw new Error('the PostgreSQL of the server was not found')
}
