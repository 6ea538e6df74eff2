import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '../../lib/clock.ts'
import { createProcessLogger } from '../../lib/logger.ts'
import { OperatorError } from '../../lib/operator-error.ts'
import type { Database } from '../../store/database/database.ts'
import { startEmbeddedPostgres } from '../embedded-postgres/start-embedded-postgres.ts'
import type { ServerConfig } from './config.ts'
import { connectDatabase } from './connect-database.ts'
import { type DataDirectory, openDataDirectory } from './data-directory.ts'

/**
 * The data directory of a server that is stopped, for a local command; `parts` lets it go.
 * @throws OperatorError if it is none, or in use
 */
export async function openStoppedServer(
  { dataDirectory }: Pick<ServerConfig, 'dataDirectory'>,
  parts: AsyncDisposableStack,
): Promise<DataDirectory> {
  if (!existsSync(join(dataDirectory, 'data-directory.json'))) {
    throw new OperatorError(
      `${dataDirectory} is not the data directory of a server. Name it with --data; a server makes it at its first start.`,
    )
  }
  const directory = await openDataDirectory(dataDirectory)
  parts.defer(directory.release)
  return directory
}

/** The database of DATABASE_URL or, with its PostgreSQL started for as long as `parts`, the one in the data directory. */
export async function openDatabase(
  config: Pick<ServerConfig, 'databaseUrl' | 'databaseUser'>,
  directory: () => Promise<DataDirectory>,
  parts: AsyncDisposableStack,
): Promise<Database> {
  const log = createProcessLogger('warn')
  let connection: Parameters<typeof connectDatabase>[0] = { connectionString: config.databaseUrl }
  if (config.databaseUrl === undefined) {
    const dataDirectory = await directory()
    const postgres = await startEmbeddedPostgres({ dataDirectory, databaseUser: config.databaseUser, log })
    parts.defer(() => postgres.stop())
    connection = postgres.connection
  }
  const { pool, database } = await connectDatabase(connection, { clock: systemClock, log, random: Math.random })
  parts.defer(() => pool.end())
  return database
}
