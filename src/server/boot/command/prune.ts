import { systemClock } from '../../../lib/clock.ts'
import { applyRetention, countExpired, type RetentionResult } from '../../app/execution/apply-retention.ts'
import { openDatabase, openStoppedServer } from '../open-database.ts'
import { readServerConfig } from '../settings/config.ts'

export interface PruneOptions {
  /** The settings file. */
  readonly config?: string
  readonly data?: string
  /** Retention times, such as `30d` or `forever`; absent: as in the server's settings. */
  readonly executions?: string
  readonly output?: string
  readonly auditLog?: string
  /** Only counts; removes nothing. */
  readonly dryRun?: boolean
}

/**
 * `chandler server prune`: removes expired records immediately, as a server does every hour. Uses
 * the data directory of a stopped server, or the database of DATABASE_URL while servers run.
 * @param signal ends it after the current step; the next run continues
 * @returns the counts of what was or would be removed
 * @throws OperatorError for a problem that an operator has to correct
 */
export async function prune({ dryRun, ...options }: PruneOptions, signal: AbortSignal): Promise<RetentionResult> {
  const config = readServerConfig(options)
  await using parts = new AsyncDisposableStack()
  const database = await openDatabase(config, () => openStoppedServer(config, parts), parts)
  if (dryRun) return await countExpired(database, config.retention)
  return await applyRetention({ database, clock: systemClock }, config.retention, signal)
}
