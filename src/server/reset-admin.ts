import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '../lib/clock.ts'
import { createProcessLogger } from '../lib/logger.ts'
import { OperatorError } from '../lib/operator-error.ts'
import { resetAdministrator } from './app/bootstrap.ts'
import { readServerConfig } from './config.ts'
import { connectDatabase } from './connect-database.ts'
import { listCredentials } from './credentials-file.ts'
import { openDataDirectory } from './data-directory.ts'
import { startEmbeddedPostgres } from './embedded-postgres/start-embedded-postgres.ts'
import { createSecretBox, readMasterKey } from './keys.ts'

/**
 * `chandler server reset-admin`: new credentials for the user `admin`, as lines to print. Works on the data directory of a server
 * that is stopped, or on the database of DATABASE_URL.
 * @throws OperatorError for what has to be put right
 */
export async function resetAdmin(options: { data?: string }): Promise<string[]> {
  const config = readServerConfig(options)
  const log = createProcessLogger('warn')
  if (!existsSync(join(config.dataDirectory, 'data-directory.json'))) {
    throw new OperatorError(
      `${config.dataDirectory} is not the data directory of a server. Name it with --data; a server makes it at its first start.`,
    )
  }
  await using parts = new AsyncDisposableStack()
  const directory = await openDataDirectory(config.dataDirectory)
  parts.defer(directory.release)
  const masterKey = await readMasterKey(directory.path, config.secretKey)
  let connection: Parameters<typeof connectDatabase>[0] = { connectionString: config.databaseUrl }
  if (config.databaseUrl === undefined) {
    const postgres = await startEmbeddedPostgres({ dataDirectory: directory, databaseUser: config.databaseUser, log })
    parts.defer(() => postgres.stop())
    connection = postgres.connection
  }
  const { pool, database } = await connectDatabase(connection, { clock: systemClock, log, random: Math.random })
  parts.defer(() => pool.end())
  const context = { database, secrets: createSecretBox(masterKey), random: randomBytes, clock: systemClock }
  return listCredentials(await resetAdministrator(context))
}
