import { randomBytes } from 'node:crypto'
import { systemClock } from '../../../lib/clock.ts'
import { resetAdministrator } from '../../app/access/bootstrap.ts'
import { listCredentials } from '../credentials-file.ts'
import { createSecretBox, readMasterKey } from '../keys.ts'
import { openDatabase, openStoppedServer } from '../open-database.ts'
import { readServerConfig } from '../settings/config.ts'

/**
 * `chandler server reset-admin`: creates new credentials for the user `admin` and returns them as
 * lines to print. Uses the data directory of a stopped server, or the database of DATABASE_URL.
 * @throws OperatorError for a problem that an operator has to correct
 */
export async function resetAdmin(options: { data?: string; config?: string }): Promise<string[]> {
  const config = readServerConfig(options)
  await using parts = new AsyncDisposableStack()
  const directory = await openStoppedServer(config, parts)
  const masterKey = await readMasterKey(directory.path, config.secretKey)
  const database = await openDatabase(config, async () => directory, parts)
  const context = { database, secrets: createSecretBox(masterKey), random: randomBytes, clock: systemClock }
  return listCredentials(await resetAdministrator(context))
}
