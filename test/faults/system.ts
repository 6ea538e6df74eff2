import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, vi } from 'vitest'
import { type Client, createClient } from '../../src/client/client.ts'
import { findTestExecutable } from '../agent-executable.ts'
import { findDatabaseEnvironment } from '../integration/database/database-user.ts'
import { type Program, startProgram } from './program.ts'

/** A server that can be killed and restarted with the same data and address. */
export interface Server {
  readonly url: string
  readonly client: Client
  readonly program: Program
  /** Resolves when it listens. `release`: the folder of another release, from now on. */
  start(release?: string): Promise<void>
  /** `kill -9`; resolves when it has ended. */
  kill(): Promise<void>
  /** `kill -9` of the postmaster of its embedded PostgreSQL. */
  killDatabase(): Promise<void>
}

/** A real agent with its own state directory, identified by its name. */
export interface Agent {
  readonly name: string
  readonly id: string
  readonly program: Program
  /** Resolves when it is connected. `release`: the folder of another release. */
  start(release?: string): Promise<void>
  kill(): Promise<void>
}

/** Servers and agents as processes, in a temporary folder. */
export interface System {
  readonly folder: string
  addServer(options?: {
    name?: string
    environment?: Readonly<Record<string, string>>
    /** The folder of another release. */
    release?: string
  }): Promise<Server>
  /**
   * Resolves when all are connected. `via`: the URL for each agent, default the server's own.
   * `release`: the folder of another release.
   */
  addAgents(
    server: Server,
    names: readonly string[],
    via?: (name: string) => string,
    release?: string,
  ): Promise<Agent[]>
  /** The last log lines of every process, for a failed test. */
  describe(): string
  stop(): Promise<void>
}

export const accessKey = { accessKeyId: 'AKFAULTS00000000', accessKeySecret: 'faults-secret-0123456789abcdef' }

export async function createSystem(): Promise<System> {
  const folder = await mkdtemp(join(tmpdir(), 'chandler-faults-'))
  // A server that runs as root keeps its database in here as another user, who has to enter it.
  await chmod(folder, 0o755)
  const programs: { name: string; program: Program }[] = []
  const dataDirectories: string[] = []

  function run(
    name: string,
    args: readonly string[],
    environment: Readonly<Record<string, string>> = {},
    release?: string,
  ): Program {
    const starter = release === undefined ? undefined : [process.execPath, join(release, 'bin/chandler.mjs')]
    const program = startProgram(args, environment, starter)
    programs.push({ name, program })
    return program
  }

  async function addServer({ name = 'server', environment = {}, release }: Parameters<System['addServer']>[0] = {}) {
    const data = join(folder, name)
    const databaseEnvironment = await findDatabaseEnvironment()
    dataDirectories.push(data)
    let port = 0
    let program: Program
    let currentRelease = release
    async function start(next = currentRelease) {
      currentRelease = next
      const variables = {
        CHANDLER_BOOTSTRAP_ACCESS_KEY_ID: accessKey.accessKeyId,
        CHANDLER_BOOTSTRAP_ACCESS_KEY_SECRET: accessKey.accessKeySecret,
        ...databaseEnvironment,
        ...environment,
      }
      program = run(name, ['server', '--data', data, '--listen', `127.0.0.1:${port}`], variables, next)
      const line = await program.says(/^chandler listening on /)
      port = Number(new URL(line.split(' ').at(-1) ?? '').port)
    }
    await start()
    const url = `http://127.0.0.1:${port}`
    return {
      url,
      client: createClient({ server: url, ...accessKey }),
      get program() {
        return program
      },
      start,
      async kill() {
        await program.end('SIGKILL')
      },
      async killDatabase() {
        process.kill(await readPostmasterPid(data), 'SIGKILL')
      },
    }
  }

  async function addAgents(
    server: Server,
    names: readonly string[],
    via = (_name: string) => server.url,
    release?: string,
  ) {
    const { token } = await server.client.joinTokens.create({ uses: names.length })
    const executable = findTestExecutable()
    const tokenFile = join(folder, `token-${token.slice(-8)}`)
    await writeFile(tokenFile, token, { mode: 0o600 })
    const startAgent = (name: string, itsRelease = release) => {
      if (executable !== undefined && itsRelease === undefined) {
        const args = ['--server', via(name), '--token-file', tokenFile, '--state', join(folder, name), '--name', name]
        const program = startProgram(args, {}, [executable])
        programs.push({ name, program })
        return program
      }
      const args = ['agent', '--server', via(name), '--token', token, '--state', join(folder, name), '--name', name]
      return run(name, args, {}, itsRelease)
    }
    const started = names.map((name) => ({ name, program: startAgent(name) }))
    const ids = await vi.waitFor(
      async () => {
        const { items } = await server.client.instances.list({ status: 'online' })
        const found = new Map(items.map((instance) => [instance.name, instance.id]))
        expect([...found.keys()].filter((name) => names.includes(name))).toHaveLength(names.length)
        return found
      },
      { timeout: 110_000, interval: 50 },
    )
    return started.map(({ name, program: first }): Agent => {
      let program = first
      return {
        name,
        id: ids.get(name) ?? '',
        get program() {
          return program
        },
        async start(next) {
          program = startAgent(name, next)
          await program.says(/connected to /)
        },
        async kill() {
          await program.end('SIGKILL')
        },
      }
    })
  }

  return {
    folder,
    addServer,
    addAgents,
    describe: () =>
      programs
        .map(({ name, program }) => `── ${name} (${program.pid}) ──\n${program.log.slice(-40).join('\n')}`)
        .join('\n'),
    async stop() {
      // Agents first: otherwise servers would log their disconnects.
      for (const { program } of programs.toReversed()) await program.end('SIGKILL')
      for (const data of dataDirectories) await removeDatabase(data)
      // Scripts end when they notice that their folder is gone, and may write until then.
      await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
    },
  }
}

/** Location of a data directory's database: inside, unless the database's user cannot enter it. */
async function findHome(dataDirectory: string): Promise<string> {
  const record = JSON.parse(await readFile(join(dataDirectory, 'postgres.json'), 'utf8')) as { home?: string }
  return record.home ?? join(dataDirectory, 'postgres')
}

async function readPostmasterPid(dataDirectory: string): Promise<number> {
  const file = join(await findHome(dataDirectory), 'cluster', 'postmaster.pid')
  return Number.parseInt(await readFile(file, 'utf8'), 10)
}

/**
 * The database of a killed server ends by itself; then its files outside of the data directory are
 * removed, too.
 */
async function removeDatabase(dataDirectory: string): Promise<void> {
  const home = await findHome(dataDirectory).catch(() => undefined)
  if (home === undefined) return
  const pid = await readPostmasterPid(dataDirectory).catch(() => undefined)
  if (pid !== undefined) await vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: 110_000, interval: 20 })
  await rm(home, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
  await rm(`${home}.owner.json`, { force: true })
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
