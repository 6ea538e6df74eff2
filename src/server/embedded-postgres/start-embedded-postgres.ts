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
  /** Must be open, that is locked, while this PostgreSQL runs. */
  dataDirectory: { path: string; id: string; identityFile: string }
  log: Logger
  clock?: Clock
  /** Like Math.random; adds jitter to the retries. */
  random?: () => number
  /** The system user that PostgreSQL runs as if this process runs as root. */
  databaseUser: string
  /**
   * Parent of copies of the binaries, and of clusters whose data directory PostgreSQL's user cannot
   * reach; root only.
   */
  systemDirectory?: string
}

/** A running embedded PostgreSQL. */
export interface EmbeddedPostgres {
  /** For pg's Pool. Unchanged when PostgreSQL is restarted. */
  connection: PostgresConnection
  /**
   * The folder with the data; outside the data directory if PostgreSQL's user cannot reach that.
   */
  clusterDirectory: string
  /** Undefined while it is not running. */
  pid(): number | undefined
  /** Stops it cleanly within 10 s. A second call waits for the same end. */
  stop(): Promise<void>
  /** Resolves after stop(). A PostgreSQL that exits by itself is restarted without limit. */
  exited: Promise<void>
}

/** The connection settings of the embedded PostgreSQL. */
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
/**
 * After running this long it counts as healthy, and the next restart uses the shortest delay again.
 */
const settledMs = 60_000
/**
 * A slower start is recovering up to 1 GB of log (max_wal_size) on a slow disk; the log says so.
 */
const slowStartMs = 10_000
/**
 * It has reported that it accepts connections: if it does not answer within this time, it is
 * unhealthy.
 */
const answerWithinMs = 10_000

/**
 * Starts the PostgreSQL of a data directory, creates it at the first use, and keeps it running
 * until stop(). It ends with this process (on Linux, for whatever reason this process ends).
 * @throws OperatorError if it cannot be started: unsupported platform, full disk, data of another
 * version, permissions
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
  // The database user needs to traverse it.
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
  // PostgreSQL's user can read it and cannot change it.
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

  /** Restarts PostgreSQL whenever it exits; returns after stop(). */
  async function keepRunning(first: Postmaster): Promise<void> {
    let running: Postmaster | undefined = first
    let attempt = 0
    let runningSinceAt = clock.monotonicMs()
    while (!stopping.signal.aborted) {
      if (running !== undefined) {
        const { code, signal, lastLines } = await running.exited
        current = undefined
        if (stopping.signal.aborted) return
        if (clock.monotonicMs() - runningSinceAt >= settledMs) attempt = 0
        log.error('PostgreSQL exited unexpectedly', { pid: running.pid, code, signal, lastLines: lastLines.slice(-5) })
      }
      const delayMs = backoffDelayMs(restart, attempt++, random)
      log.info('restarting PostgreSQL', { attempt, delayMs })
      await clock.wait(delayMs, stopping.signal)
      if (stopping.signal.aborted) return
      running = await startOnce().catch((error: unknown) => {
        if (!stopping.signal.aborted) log.error('PostgreSQL cannot be started', { error, attempt })
        return undefined
      })
      runningSinceAt = clock.monotonicMs()
      if (running !== undefined) log.info('PostgreSQL is running again', { pid: running.pid, attempt })
    }
    // stop() was called during the restart.
    await running?.exited
  }

  async function tidy(): Promise<void> {
    const { identityFile } = dataDirectory
    await removeOrphanedClusters({ systemDirectory, identityFile, clock, log }).catch((error: unknown) =>
      log.warn('databases without a data directory were not removed; the next start retries', { error }),
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
