import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { Pool } from 'pg'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { createLogger, type Logger, silentLogger } from '../../src/lib/logger.ts'
import { createManualClock } from '../../src/lib/manual-clock.ts'
import { openDataDirectory } from '../../src/server/boot/data-directory.ts'
import { findBlockingFolder, findDatabaseUser } from '../../src/server/embedded-postgres/database-user.ts'
import { removeOrphanedClusters } from '../../src/server/embedded-postgres/orphaned-clusters.ts'
import { startEmbeddedPostgres } from '../../src/server/embedded-postgres/start-embedded-postgres.ts'
import {
  asRoot,
  findOrdinaryUser,
  isAlive,
  listDrafts,
  makeFixture,
  query,
} from '../integration/database/embedded-postgres-fixture.ts'

const run = promisify(execFile)
const patience = { timeout: 110_000, interval: 20 }

let fixture: Awaited<ReturnType<typeof makeFixture>>
let dataPath: string
beforeEach(async () => {
  fixture = await makeFixture()
  dataPath = join(fixture.folder, 'data')
})
afterEach(() => fixture.stop())

/** Starts it in this process and stops it after `use`, even after errors. */
async function withPostgres(
  use: (postgres: Awaited<ReturnType<typeof startEmbeddedPostgres>>, lines: string[]) => Promise<void>,
  path = dataPath,
) {
  const lines: string[] = []
  const log: Logger = createLogger({ level: 'debug', format: 'json', write: (line) => lines.push(line), now: Date.now })
  const dataDirectory = await openDataDirectory(path)
  try {
    const { databaseUser, systemDirectory } = fixture
    const postgres = await startEmbeddedPostgres({ dataDirectory, databaseUser, systemDirectory, log })
    try {
      await use(postgres, lines)
    } finally {
      await postgres.stop()
      await postgres.exited
    }
  } finally {
    dataDirectory.release()
  }
}

test('data survives a restart, and nothing runs after stop', async () => {
  let pid = 0
  await withPostgres(async (postgres) => {
    pid = postgres.pid() ?? 0
    await query(postgres.connection, 'create table kept as select 42 as answer')
  })
  expect(isAlive(pid)).toBe(false)
  await withPostgres(async ({ connection }) => {
    expect(await query(connection, 'select answer from kept')).toEqual([{ answer: 42 }])
  })
})

test("it is durable, private and uses UTF-8; the server's role is the owner and not a superuser", async () => {
  await withPostgres(async ({ connection, clusterDirectory }, lines) => {
    const [settings] = await query<Record<string, string>>(
      connection,
      `select current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit, current_setting('listen_addresses') as tcp,
         current_setting('data_checksums') as checksums, current_setting('server_encoding') as encoding, current_setting('TimeZone') as zone,
         (select datlocprovider::text || ' ' || datlocale from pg_database where datname = current_database()) as locale,
         (select rolsuper::text from pg_roles where rolname = current_user) as superuser`,
    )
    expect(settings).toEqual({
      fsync: 'on',
      commit: 'on',
      tcp: '',
      checksums: 'on',
      encoding: 'UTF8',
      zone: 'UTC',
      locale: 'b C.UTF-8',
      superuser: 'false',
    })
    for (const path of [clusterDirectory, connection.host]) expect((await stat(path)).mode & 0o777).toBe(0o700)
    expect((await stat(join(dataPath, 'postgres.json'))).mode & 0o777).toBe(0o600)
    expect((await stat(dataPath)).mode & 0o067).toBe(0)
    await expect(query({ ...connection, password: 'wrong' }, 'select 1')).rejects.toMatchObject({ code: '28P01' })
    await expect(query({ ...connection, user: 'postgres' }, 'select 1')).rejects.toMatchObject({ code: '28000' })
    expect(lines.join('')).not.toContain(connection.password)
  })
})

test('a killed PostgreSQL is restarted under the same address, with all committed data', async () => {
  await withPostgres(async (postgres, lines) => {
    const pool = new Pool(postgres.connection)
    pool.on('error', () => undefined)
    await pool.query('create table kept (id int)')
    for (let round = 1; round <= 3; round++) {
      await pool.query('insert into kept values ($1)', [round])
      const killed = postgres.pid() ?? 0
      process.kill(killed, 'SIGKILL')
      await vi.waitFor(async () => {
        expect((await pool.query('select count(*)::int as rows from kept')).rows).toEqual([{ rows: round }])
        expect(postgres.pid()).not.toBe(killed)
      }, patience)
    }
    await pool.end()
    // It accepts connections before the log reports the restart.
    const runsAgain = () => lines.filter((line) => line.includes('PostgreSQL is running again'))
    await vi.waitFor(() => expect(runsAgain()).toHaveLength(3), patience)
    expect(lines.filter((line) => line.includes('PostgreSQL exited unexpectedly'))).toHaveLength(3)
  })
})

test('stopping right after a crash ends it permanently', async () => {
  await withPostgres(async (postgres) => {
    process.kill(postgres.pid() ?? 0, 'SIGKILL')
    await postgres.stop()
    expect(postgres.pid()).toBeUndefined()
    await expect(query(postgres.connection, 'select 1')).rejects.toMatchObject({
      code: expect.stringMatching(/ECONNREFUSED|ENOENT/),
    })
  })
})

test('when the owner is killed PostgreSQL ends with it, and the next start has the data', async ({ skip }) => {
  skip(process.platform !== 'linux', 'only Linux can tie a process to its parent')
  const first = await fixture.startOwner(dataPath)
  await query(first.connection, 'create table kept as select 42 as answer')
  await first.end('SIGKILL')
  await vi.waitFor(() => expect(isAlive(first.postgresPid)).toBe(false), patience)
  const second = await fixture.startOwner(dataPath)
  expect(await query(second.connection, 'select answer from kept')).toEqual([{ answer: 42 }])
  await second.end('SIGTERM')
  expect(isAlive(second.postgresPid)).toBe(false)
})

test('owner and PostgreSQL killed at once, repeatedly: the next start recovers all committed data', async () => {
  for (let round = 1; round <= 3; round++) {
    const owner = await fixture.startOwner(dataPath)
    await query(owner.connection, 'create table if not exists kept (id int)')
    await query(owner.connection, `insert into kept values (${round})`)
    process.kill(owner.postgresPid, 'SIGKILL')
    await owner.end('SIGKILL')
  }
  await withPostgres(async ({ connection }) => {
    expect(await query(connection, 'select id from kept order by id')).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }])
  })
})

test('a PostgreSQL left running is ended before the new one starts; another process with its pid is not touched', async () => {
  let cluster = ''
  let binary = ''
  await withPostgres(async ({ clusterDirectory, pid }) => {
    cluster = clusterDirectory
    binary = (await run('ps', ['-o', 'args=', '-p', String(pid())])).stdout.split(' ')[0] ?? ''
  })
  const { uid, gid } = await stat(cluster)
  const left = spawn(binary, ['-D', cluster, '-k', cluster, '-c', 'listen_addresses='], {
    uid,
    gid,
    cwd: '/',
    env: {},
    detached: true,
  })
  const leftEnded = once(left, 'exit')
  left.stderr.resume()
  await vi.waitFor(
    async () => expect(await readFile(join(cluster, 'postmaster.pid'), 'utf8')).toContain('ready'),
    patience,
  )
  await withPostgres(async ({ connection }, lines) => {
    await leftEnded
    expect(await query(connection, 'select 1 as one')).toEqual([{ one: 1 }])
    expect(lines.join('')).toContain('ending the PostgreSQL that a killed server left running')
  })

  const stranger = spawn('sleep', ['600'], { uid, gid, cwd: '/' })
  try {
    await writeFile(join(cluster, 'postmaster.pid'), `${stranger.pid}\n${cluster}\n1\n5432\n/tmp\n\n0 0\nready   \n`)
    await withPostgres(async ({ connection }) => {
      expect(await query(connection, 'select 1 as one')).toEqual([{ one: 1 }])
    })
    expect(stranger.exitCode ?? stranger.signalCode).toBeNull()
  } finally {
    stranger.kill()
  }
})

test('a kill during the creation of the database does not block the next start', async () => {
  const home = join(dataPath, 'postgres')
  const owner = fixture.startOwnerProcess(dataPath)
  await vi.waitFor(
    async () => {
      const [draft] = await listDrafts(home)
      expect(await readdir(join(home, draft ?? 'none'))).toContain('base')
    },
    { timeout: 110_000, interval: 2 },
  )
  owner.child.kill('SIGKILL')
  await once(owner.child, 'exit')
  expect(await readdir(home)).not.toContain('cluster')
  await withPostgres(async ({ connection }) => {
    expect(await query(connection, 'select 1 as one')).toEqual([{ one: 1 }])
  })
  expect(await listDrafts(home)).toEqual([])
})

test('a second server on the data directory gets an error that names the holder', async () => {
  const first = await fixture.startOwner(dataPath)
  const second = fixture.startOwnerProcess(dataPath)
  expect(await once(second.child, 'close')).toEqual([1, null])
  expect(second.log()).toContain(`in use by another Chandler server, process ${first.child.pid}.`)
  await first.end('SIGTERM')
})

test('data of another major version is refused and not changed', async () => {
  let version = ''
  await withPostgres(async ({ clusterDirectory }) => {
    version = join(clusterDirectory, 'PG_VERSION')
  })
  await writeFile(version, '19\n')
  await expect(withPostgres(async () => undefined)).rejects.toThrow(
    /written by PostgreSQL 19, this is 18\. Run the Chandler that wrote it/,
  )
  await writeFile(version, '17\n')
  await expect(withPostgres(async () => undefined)).rejects.toThrow(/written by PostgreSQL 17, this is 18\. Dump it/)
})

test('a record that does not match the database is a clear error, and PostgreSQL is not left running', async () => {
  await withPostgres(async () => undefined)
  const record = join(dataPath, 'postgres.json')
  await writeFile(record, JSON.stringify({ ...JSON.parse(await readFile(record, 'utf8')), password: 'x'.repeat(32) }))
  await expect(withPostgres(async () => undefined)).rejects.toThrow(/do not belong together/)
  expect(await readdir(join(dataPath, 'postgres/cluster'))).not.toContain('postmaster.pid')
})

test('a long path gets a short socket, which is removed afterwards', async () => {
  let host = ''
  await withPostgres(
    async ({ connection }) => {
      host = connection.host
      // Root keeps no files of its own in a folder that others can write to.
      const parent = asRoot ? `${fixture.systemDirectory}/sockets/` : '/tmp/chandler-'
      expect(host).toMatch(new RegExp(`^${parent}[0-9a-f]{16}$`))
      expect((await stat(host)).mode & 0o777).toBe(0o700)
      expect(await query(connection, 'select 1 as one')).toEqual([{ one: 1 }])
    },
    join(fixture.folder, 'a'.repeat(60), 'b'.repeat(60)),
  )
  await expect(stat(host)).rejects.toMatchObject({ code: 'ENOENT' })
})

test('a full disk is reported, and no partial files remain', async ({ skip }) => {
  skip(!asRoot, 'only root can mount a small disk')
  const disk = join(fixture.folder, 'small')
  await mkdir(disk)
  const mounted = await run('mount', ['-t', 'tmpfs', '-o', 'size=8m,mode=755', 'small', disk]).catch(() => undefined)
  skip(mounted === undefined, 'this machine lets nobody mount')
  try {
    await expect(withPostgres(async () => undefined, join(disk, 'data'))).rejects.toThrow(/disk is full/i)
    expect(await readdir(join(disk, 'data/postgres'))).toEqual([])
  } finally {
    await run('umount', ['-l', disk])
  }
})

test('as root, below a closed folder, the database is stored where PostgreSQL can reach it and moves along', async ({
  skip,
}) => {
  skip(!asRoot, 'an ordinary user runs PostgreSQL itself')
  // The strictest umask: PostgreSQL's user must still have access to its files.
  const usualUmask = process.umask(0o077)
  onTestFinished(() => void process.umask(usualUmask))
  const closed = join(fixture.folder, 'closed')
  await mkdir(closed, { mode: 0o700 })
  await chmod(closed, 0o700)
  const path = join(closed, 'data')
  await withPostgres(async ({ connection, clusterDirectory }, lines) => {
    expect(clusterDirectory).toMatch(new RegExp(`^${fixture.systemDirectory}/clusters/[0-9a-f]{16}/cluster$`))
    expect(lines.join('')).toContain('the database of this data directory is kept outside of it')
    await query(connection, 'create table kept as select 42 as answer')
  }, path)

  const moved = join(fixture.folder, 'moved')
  await rename(path, moved)
  await withPostgres(async ({ connection }) => {
    expect(await query(connection, 'select answer from kept')).toEqual([{ answer: 42 }])
  }, moved)

  const copy = join(fixture.folder, 'copy')
  await run('cp', ['-a', moved, copy])
  await expect(withPostgres(async () => undefined, copy)).rejects.toThrow(
    /is a copy of the data directory .*moved, and its database is not in it/,
  )
})

test('as root, a database that PostgreSQL cannot reach any more is an error that names the folder', async ({
  skip,
}) => {
  skip(!asRoot, 'an ordinary user runs PostgreSQL itself')
  const parent = join(fixture.folder, 'parent')
  const path = join(parent, 'data')
  await withPostgres(async () => undefined, path)
  await chmod(parent, 0o700)
  await expect(withPostgres(async () => undefined, path)).rejects.toThrow(`who may not pass through ${parent}.`)
})

test('as an ordinary user everything runs as that user inside the data directory', async ({ skip }) => {
  skip(!asRoot, 'the other tests show it then')
  const user = await findOrdinaryUser()
  skip(user === undefined, 'this machine has no other user')
  if (user === undefined) return
  const blocking =
    (await findBlockingFolder(import.meta.dirname, user)) ?? (await findBlockingFolder(process.execPath, user))
  skip(blocking !== undefined, `the user cannot reach this checkout: ${blocking} is closed`)
  const own = join(fixture.folder, 'own')
  await mkdir(own)
  await fixture.give(own, user.uid, user.gid)
  const path = join(own, 'data')
  for (const ending of ['SIGKILL', 'SIGTERM'] as const) {
    const owner = await fixture.startOwner(path, { uid: user.uid, gid: user.gid, cwd: '/' })
    expect(owner.clusterDirectory).toBe(join(path, 'postgres/cluster'))
    expect((await stat(owner.clusterDirectory)).uid).toBe(user.uid)
    expect((await stat(path)).mode & 0o777).toBe(0o700)
    expect(await query(owner.connection, 'select 1 as one')).toEqual([{ one: 1 }])
    await owner.end(ending)
    await vi.waitFor(() => expect(isAlive(owner.postgresPid)).toBe(false), patience)
  }
  await expect(stat(fixture.systemDirectory)).rejects.toMatchObject({ code: 'ENOENT' })
})

test('as root PostgreSQL runs as a separate user', async ({ skip }) => {
  skip(!asRoot, 'an ordinary user runs PostgreSQL itself')
  const user = await findDatabaseUser(fixture.databaseUser)
  await withPostgres(async ({ clusterDirectory, pid }) => {
    expect((await stat(clusterDirectory)).uid).toBe(user?.uid)
    expect(await readFile(`/proc/${pid()}/status`, 'utf8')).toMatch(
      new RegExp(`^Uid:\\s+${user?.uid}\\s+${user?.uid}\\s.*\\n(.*\\n)?Gid:\\s+${user?.gid}`, 'm'),
    )
  })
})

test('as root a database of another user, from an earlier release, is taken over with its data', async ({ skip }) => {
  skip(!asRoot, 'only root changes the owner of files')
  let cluster = ''
  await withPostgres(async ({ connection, clusterDirectory }) => {
    cluster = clusterDirectory
    await query(connection, 'create table kept as select 42 as answer')
  })
  await run('chown', ['-R', 'nobody', cluster])
  const outside = join(fixture.folder, 'outside')
  await writeFile(outside, '')
  await symlink(outside, join(cluster, 'link'))
  await withPostgres(async ({ connection }, lines) => {
    expect(await query(connection, 'select answer from kept')).toEqual([{ answer: 42 }])
    expect(lines.join('')).toContain('the owner of the database was changed to the user that PostgreSQL runs as')
  })
  expect((await stat(outside)).uid).toBe(0)
})

test.for([
  [
    'that does not exist',
    'chandler-missing',
    /machine has no user "chandler-missing".*:\n {2}(useradd|addgroup) .*chandler-missing\n/s,
  ],
  ['that every other service may share', 'nobody', /cannot run as user "nobody".*other processes share/],
  ['that is root', 'root', /cannot run as user "root"/],
] as const)(
  'as root nothing starts as a user %s, and the error says what to do',
  async ([, name, message], { skip }) => {
    skip(!asRoot, 'an ordinary user runs PostgreSQL itself')
    const dataDirectory = await openDataDirectory(dataPath)
    onTestFinished(dataDirectory.release)
    const { systemDirectory } = fixture
    const started = startEmbeddedPostgres({ dataDirectory, databaseUser: name, systemDirectory, log: silentLogger })
    await expect(started).rejects.toThrow(message)
    expect(await readdir(dataPath)).not.toContain('postgres')
  },
)

describe('a database outside of its data directory', () => {
  const makeOutside = async (name: string) => {
    const closed = join(fixture.folder, `closed-${name}`)
    await mkdir(closed, { mode: 0o700 })
    let home = ''
    await withPostgres(
      async ({ clusterDirectory }) => {
        home = dirname(clusterDirectory)
      },
      join(closed, 'data'),
    )
    return { data: join(closed, 'data'), home }
  }
  const listHomes = async () =>
    (await readdir(join(fixture.systemDirectory, 'clusters'))).filter((name) => /^[0-9a-f]{16}$/.test(name))

  test('is removed by a later start when the data directory was deleted, not when it was moved', async ({ skip }) => {
    skip(!asRoot, 'an ordinary user keeps the database in the data directory')
    const [deleted, kept, moved] = [await makeOutside('a'), await makeOutside('b'), await makeOutside('c')]
    await rm(deleted.data, { recursive: true })
    await rename(moved.data, join(fixture.folder, 'moved'))
    await withPostgres(async () => undefined)
    expect((await listHomes()).toSorted()).toEqual([kept, moved].map(({ home }) => basename(home)).toSorted())
    const left = await readdir(join(fixture.systemDirectory, 'clusters'))
    expect(left.filter((name) => name.includes(basename(deleted.home)))).toEqual([])
  })

  test('is removed after 30 days if a move cannot be distinguished from a deletion', async ({ skip }) => {
    skip(!asRoot, 'an ordinary user keeps the database in the data directory')
    const { data, home } = await makeOutside('a')
    // As on another file system, and as earlier releases stored it.
    await rm(`${home}.anchor`)
    await rename(data, join(fixture.folder, 'elsewhere'))
    const clock = createManualClock(Date.now())
    const { systemDirectory } = fixture
    const identityFile = 'data-directory.json'
    const look = () => removeOrphanedClusters({ systemDirectory, identityFile, clock, log: silentLogger })
    await look()
    await clock.advance(29 * 86_400_000)
    await look()
    expect(await listHomes()).toEqual([basename(home)])
    await clock.advance(2 * 86_400_000)
    await look()
    expect(await listHomes()).toEqual([])
  })
})
