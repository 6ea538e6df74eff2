import { join } from 'node:path'
import { backoffDelayMs } from '../../lib/backoff.ts'
import { type Clock, systemClock } from '../../lib/clock.ts'
import type { Logger } from '../../lib/logger.ts'
import { OperatorError } from '../../lib/operator-error.ts'
import { writeFileDurably } from '../../lib/write-file-durably.ts'
import { checkConnection, embeddedDatabaseSql } from '../../store/database/embedded-database.ts'
import { adoptCluster } from './adopt-cluster.ts'
import { prepareBinaries } from './binaries.ts'
import { openClusterHome } from './cluster-home.ts'
import { findDatabaseUser } from './database-user.ts'
import { initialiseCluster } from './initialise-cluster.ts'
import { createLauncher } from './launch.ts'
import { endLeftover } from './leftover.ts'
import { makeOpenFolder } from './open-folder.ts'
import { removeOrphanedClusters } from './orphaned-clusters.ts'
import { type Postmaster, startPostmaster } from './postmaster.ts'
import { accessRules, listSettings, postgresPort } from './settings.ts'
import { makeSocketDirectory, removeLeftSocket, removeSocketDirectory } from './socket-directory.ts'

export interface EmbeddedPostgresOptions {
  /** Open, that is locked, for as long as this PostgreSQL runs. */
  dataDirectory: { path: string; id: string; identityFile: string }
  log: Logger
  clock?: Clock
  /** As Math.random; spreads the retries. */
  random?: () => number
  /** The system user that PostgreSQL runs as if this process is root's. */
  databaseUser: string
  /** Where root keeps copies of the binaries, and clusters whose data directory PostgreSQL's user cannot reach. */
  systemDirectory?: string
}

export interface EmbeddedPostgres {
  /** For pg's Pool. Stays the same when PostgreSQL has to be started again. */
  connection: PostgresConnection
  /** Where the data is; outside of the data directory if PostgreSQL's user cannot reach that. */
  clusterDirectory: string
  /** Undefined while it is not running. */
  pid(): number | undefined
  /** Ends it cleanly, within 10 s. Calling it again waits for the same end. */
  stop(): Promise<void>
  /** Resolves after stop(). A PostgreSQL that ends by itself is started again, for ever. */
  exited: Promise<void>
}

export interface PostgresConnection {
  /** The folder of the Unix socket. */
  host: string
  port: number
  user: string
  password: string
  database: string
}

const name = 'chandler'
const restart = { baseMs: 100, maxMs: 15_000, jitter: 0.5 }
/** One that has run this long has started well: the next restart begins with the short delay again. */
const settledMs = 60_000
/** A start that takes longer recovers up to 1 GB of log (max_wal_size) on a slow disk; the log says so. */
const slowStartMs = 10_000
/** It has said that it accepts connections: one that then does not answer is not well. */
const answerWithinMs = 10_000

/**
 * Starts the PostgreSQL that belongs to a data directory, making it on first use, and keeps it running until stop().
 * It ends with this process (on Linux, however this process ends).
 * @throws OperatorError when it cannot be started: unsupported platform, full disk, data of another version, permissions
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const {
    dataDirectory,
    clock = systemClock,
    random = Math.random,
    systemDirectory = '/var/lib/chandler-postgres',
  } = options
  const log = options.log.child({ part: 'postgres' })
  const startedAt = clock.monotonicMs()
  const user = await findDatabaseUser(options.databaseUser)
  // Whatever of it is needed below: the database user passes through it.
  if (user !== undefined) await makeOpenFolder(systemDirectory)
  const { home, record } = await openClusterHome({ dataDirectory, user, systemDirectory, log })
  const copiesDirectory =
    user === undefined ? join(dataDirectory.path, 'postgres-binaries') : join(systemDirectory, 'binaries')
  const [binaries, launcher] = await Promise.all([
    prepareBinaries({ user, copiesDirectory, log }),
    createLauncher(user, log),
  ])
  const owner = { user: name, password: record.password, database: name }
  const { cluster, made } = await initialiseCluster({ home, binaries, user, launcher, sql: embeddedDatabaseSql(owner) })
  if (made) log.info('a database was created', { cluster })
  else await adoptCluster(cluster, user, { clock, log })
  const socketDirectory = await makeSocketDirectory(home, user, systemDirectory)
  const accessRulesFile = join(home, 'pg_hba.conf')
  // PostgreSQL's user reads it and cannot change it.
  await writeFileDurably(accessRulesFile, accessRules(name), { mode: 0o644 })
  const settings = listSettings({ socketDirectory, accessRulesFile })
  const connection: PostgresConnection = { host: socketDirectory, port: postgresPort, ...owner }

  const stopping = new AbortController()
  let current: Postmaster | undefined

  async function startOnce(): Promise<Postmaster> {
    await endLeftover(cluster, clock, log)
    await removeLeftSocket(socketDirectory)
    const postmaster = await startPostmaster({ launcher, binaries, cluster, settings, clock, log })
    current = postmaster
    if (stopping.signal.aborted) await postmaster.stop()
    const slow = clock.setTimeout(
      () => log.info('PostgreSQL is still starting: it recovers from a crash', { cluster }),
      slowStartMs,
    )
    try {
      await postmaster.ready
      await checkConnection({ ...connection, connectionTimeoutMillis: answerWithinMs })
    } catch (error) {
      await postmaster.stop()
      if (current === postmaster) current = undefined
      throw explainRefusal(error, dataDirectory.path)
    } finally {
      slow.cancel()
    }
    return postmaster
  }

  /** Returns when PostgreSQL has ended because it was told to. */
  async function keepRunning(first: Postmaster): Promise<void> {
    let running: Postmaster | undefined = first
    let attempt = 0
    let runningSinceAt = clock.monotonicMs()
    while (!stopping.signal.aborted) {
      if (running !== undefined) {
        const { code, signal, said } = await running.exited
        current = undefined
        if (stopping.signal.aborted) return
        if (clock.monotonicMs() - runningSinceAt >= settledMs) attempt = 0
        log.error('PostgreSQL ended unexpectedly', { pid: running.pid, code, signal, said: said.slice(-5) })
      }
      const delayMs = backoffDelayMs(restart, attempt++, random)
      log.info('starting PostgreSQL again', { attempt, delayMs })
      await clock.wait(delayMs, stopping.signal)
      if (stopping.signal.aborted) return
      running = await startOnce().catch((error: unknown) => {
        if (!stopping.signal.aborted) log.error('PostgreSQL cannot be started', { error, attempt })
        return undefined
      })
      runningSinceAt = clock.monotonicMs()
      if (running !== undefined) log.info('PostgreSQL is running again', { pid: running.pid, attempt })
    }
    // Told to stop while it was starting.
    await running?.exited
  }

  async function tidy(): Promise<void> {
    const { identityFile } = dataDirectory
    await removeOrphanedClusters({ systemDirectory, identityFile, clock, log }).catch((error: unknown) =>
      log.warn('databases without a data directory were not removed; the next start tries again', { error }),
    )
  }

  const first = await startOnce()
  log.info('PostgreSQL is running', { pid: first.pid, cluster, tookMs: Math.round(clock.monotonicMs() - startedAt) })
  const exited = keepRunning(first).then(() => removeSocketDirectory(socketDirectory, home))
  const tidied = user === undefined ? undefined : tidy()
  return {
    connection,
    clusterDirectory: cluster,
    pid: () => current?.pid,
    exited,
    async stop() {
      stopping.abort()
      await current?.stop()
      await Promise.all([exited, tidied])
    },
  }
}

function explainRefusal(error: unknown, dataDirectory: string): unknown {
  const { code } = error as { code?: unknown }
  // invalid_password, invalid_authorization_specification, invalid_catalog_name
  if (code !== '28P01' && code !== '28000' && code !== '3D000') return error
  return new OperatorError(
    `PostgreSQL runs but refuses us (${(error as Error).message}): ${join(dataDirectory, 'postgres.json')} and the database do not belong together. Restore both from the same backup.`,
    { cause: error },
  )
}
