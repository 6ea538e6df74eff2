import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, chown, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { Client } from 'pg'
import type { PostgresConnection } from '../../../src/server/embedded-postgres/start-embedded-postgres.ts'
import { askForDatabaseUser } from './database-user.ts'

export const asRoot = process.getuid?.() === 0

const ownerScript = fileURLToPath(new URL('embedded-postgres-owner.ts', import.meta.url))

export interface Owner {
  child: ChildProcess
  connection: PostgresConnection
  clusterDirectory: string
  postgresPid: number
  tookMs: number
  /** Its log so far. */
  log(): string
  /** Ends it with the signal and waits for the exit. */
  end(signal: NodeJS.Signals): Promise<void>
}

/**
 * A temporary folder that other users can enter, and the servers started on data directories in it.
 */
export async function makeFixture() {
  const folder = await mkdtemp(join(tmpdir(), 'chandler-embedded-'))
  await chmod(folder, 0o755)
  const children = new Set<ChildProcess>()
  const systemDirectory = join(folder, 'system')
  const databaseUser = (await askForDatabaseUser()) ?? 'chandler'

  function startOwnerProcess(dataDirectory: string, options: SpawnOptions = {}) {
    const child = spawn(process.execPath, [ownerScript, dataDirectory, systemDirectory, databaseUser], {
      ...options,
      stdio: 'pipe',
    })
    children.add(child)
    const said: string[] = []
    child.stderr?.setEncoding('utf8').on('data', (text: string) => said.push(text))
    return { child, log: () => said.join('') }
  }

  async function startOwner(dataDirectory: string, options: SpawnOptions = {}): Promise<Owner> {
    const { child, log } = startOwnerProcess(dataDirectory, options)
    if (child.stdout === null) throw new Error('no output to read')
    const lines = createInterface({ input: child.stdout })
    const [line] = await Promise.race([
      once(lines, 'line'),
      once(child, 'close').then(() => Promise.reject(new Error(`the owner ended:\n${log()}`))),
    ])
    const end = async (signal: NodeJS.Signals) => {
      const exited = once(child, 'exit')
      child.kill(signal)
      await exited
    }
    return { child, log, end, ...JSON.parse(String(line)) }
  }

  return {
    folder,
    systemDirectory,
    /** The run's own system user, if the run is root's. */
    databaseUser,
    startOwner,
    startOwnerProcess,
    async give(path: string, uid: number, gid: number) {
      await chown(path, uid, gid)
    },
    async stop() {
      for (const child of children) if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
      // On Linux the children end with them; elsewhere leaving them would be a bug of the test.
      await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
    },
  }
}

export async function query<Row>(connection: PostgresConnection, sql: string): Promise<Row[]> {
  const client = new Client(connection)
  // A server that is killed breaks the connection: the statement or connect() rejects.
  client.on('error', () => undefined)
  try {
    await client.connect()
    return (await client.query(sql)).rows as Row[]
  } finally {
    await client.end()
  }
}

export const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** A user other than root and nobody: PostgreSQL requires one with a name. */
export async function findOrdinaryUser(): Promise<{ name: string; uid: number; gid: number } | undefined> {
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'))
  const found = lines.find(([name, , uid]) => name !== 'nobody' && Number(uid) > 0 && Number(uid) < 60_000)
  return found && { name: found[0] ?? '', uid: Number(found[2]), gid: Number(found[3]) }
}

export const listDrafts = async (home: string) =>
  (await readdir(home).catch(() => [])).filter((name) => name.startsWith('draft-'))
