import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '../../lib/clock.ts'
import { createProcessLogger } from '../../lib/logger.ts'
import { OperatorError } from '../../lib/operator-error.ts'
import type { Database } from '../../store/database/database.ts'
import { startEmbeddedPostgres } from '../embedded-postgres/start-embedded-postgres.ts'
import { connectDatabase } from './connect-database.ts'
import { type DataDirectory, openDataDirectory } from './data-directory.ts'
import type { ServerConfig } from './settings/config.ts'

/**
 * Opens the data directory of a stopped server for a local command; closing `parts` releases it.
 * @throws OperatorError if the folder is not a data directory or is in use
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

/**
 * Opens the database of DATABASE_URL, or the one in the data directory, whose PostgreSQL runs until
 * `parts` are closed.
 */
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
