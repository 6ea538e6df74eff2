import type { Pool, PoolConfig } from 'pg'
import { chandlerError } from '../../core/error/errors.ts'
import { type Backoff, backoffDelayMs } from '../../lib/backoff.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Logger } from '../../lib/logger.ts'
import { OperatorError } from '../../lib/operator-error.ts'
import { createDatabase, createPool, type Database, type MeasureStatement } from '../../store/database/database.ts'
import { isDatabaseDiskFull, isDatabaseDown } from '../../store/database/database-fault.ts'
import { migrate } from '../../store/database/migrate.ts'

/**
 * Databases often start together with their servers; one that does not answer within this time is
 * probably misconfigured.
 */
const timeoutMs = 30_000
const backoff: Backoff = { baseMs: 100, maxMs: 2_000, jitter: 0.5 }

export interface ConnectOptions {
  clock: Clock
  log: Logger
  random: () => number
  /** Aborts when the process should end. */
  stop?: AbortSignal | undefined
  /** Receives the duration of each statement. */
  measure?: MeasureStatement | undefined
}

/**
 * Opens a connection pool and migrates the schema to this version.
 * @throws OperatorError if the database does not answer in time or refuses the connection;
 * SchemaTooNew, SchemaChanged
 */
export async function connectDatabase(
  connection: PoolConfig,
  { clock, log, random, stop, measure }: ConnectOptions,
): Promise<{ pool: Pool; database: Database }> {
  const pool = createPool(connection, (error) =>
    log.warn('an idle database connection failed; it is replaced', { error }),
  )
  try {
    const applied = await migratePatiently(pool, { clock, log, random, stop })
    if (applied.length > 0) log.info('the schema was migrated', { applied })
    return { pool, database: createDatabase(pool, measure) }
  } catch (error) {
    await pool.end()
    throw error
  }
}

async function migratePatiently(pool: Pool, { clock, log, random, stop }: ConnectOptions): Promise<string[]> {
  const deadlineMs = clock.monotonicMs() + timeoutMs
  for (let attempt = 0; ; attempt++) {
    try {
      return await migrate(pool)
    } catch (error) {
      if (isRefusal(error))
        throw new OperatorError(
          `The database refuses the connection: ${(error as Error).message}. Check DATABASE_URL.`,
          {
            cause: error,
          },
        )
      if (isDatabaseDiskFull(error)) throw chandlerError('DatabaseDiskFull', {}, undefined, { cause: error })
      if (!isDatabaseDown(error)) throw error
      if (clock.monotonicMs() > deadlineMs) {
        throw new OperatorError(
          `The database is unavailable (${describe(error)}). Check that it runs and that DATABASE_URL names it.`,
          { cause: error },
        )
      }
      if (attempt === 0) log.warn('the database is not available yet; waiting for it', { error })
      await clock.wait(backoffDelayMs(backoff, attempt, random), stop)
      stop?.throwIfAborted()
    }
  }
}

/** Wrong password (28P01), user (28000) or database (3D000): retrying does not help. */
const isRefusal = (error: unknown) => ['28P01', '28000', '3D000'].includes(String((error as { code?: unknown }).code))

/**
 * If a name has several addresses, each fails with an error of its own, and the aggregate has no
 * message.
 */
const describe = (error: unknown): string =>
  error instanceof AggregateError ? describe(error.errors[0]) : (error as Error).message
