import { systemClock } from '../../lib/clock.ts'
import { applyRetention, countExpired, type RetentionResult } from '../app/execution/apply-retention.ts'
import { readServerConfig } from './config.ts'
import { openDatabase, openStoppedServer } from './open-database.ts'

export interface PruneOptions {
  readonly data?: string
  /** How long each is kept, such as `30d` or `forever`; absent: as the settings of the server say. */
  readonly executions?: string
  readonly output?: string
  readonly auditLog?: string
  /** Removes nothing. */
  readonly dryRun?: boolean
}

/**
 * `chandler server prune`: removes what has ended and is older than it is kept, at once, as a server does every hour. Works on the
 * data directory of a server that is stopped, or on the database of DATABASE_URL, beside servers that run.
 * @param signal ends it after the present step; the next time continues
 * @returns what was removed, or would be
 * @throws OperatorError for what has to be put right
 */
export async function prune({ dryRun, ...options }: PruneOptions, signal: AbortSignal): Promise<RetentionResult> {
  const config = readServerConfig(options)
  await using parts = new AsyncDisposableStack()
  const database = await openDatabase(config, () => openStoppedServer(config, parts), parts)
  if (dryRun) return await countExpired(database, config.retention)
  return await applyRetention({ database, clock: systemClock }, config.retention, signal)
}
