import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '../../../lib/clock.ts'
import { OperatorError } from '../../../lib/operator-error.ts'
import { checkSecretKeyOfDatabase, defaultAccountId } from '../../app/access/bootstrap.ts'
import { rotateOwnAuthority } from '../../tls/own-authorities.ts'
import { createSecretBox, readMasterKey } from '../keys.ts'
import { openDatabase, openStoppedServer } from '../open-database.ts'
import { readServerConfig, type ServerConfig, type ServerOptions } from '../settings/config.ts'

/**
 * `chandler server rotate-ca`: adds a CA that the current one certifies. Running servers use it
 * within a minute. Returns lines to print.
 * @throws OperatorError for a problem that an operator has to correct
 */
export async function rotateCa(options: ServerOptions, overlapMs: number): Promise<string[]> {
  const config = readServerConfig(options)
  await using parts = new AsyncDisposableStack()
  const masterKey = await readExistingKey(config)
  const database = await openDatabase(config, () => openStoppedServer(config, parts), parts)
  const context = { database, secrets: createSecretBox(masterKey), clock: systemClock, random: randomBytes }
  await checkSecretKeyOfDatabase(context)
  const { digest, previous, overlapEndsAt } = await rotateOwnAuthority(context, defaultAccountId, overlapMs)
  if (previous === undefined) return [`created the CA of the server: sha256 ${digest}`]
  return [
    `new CA of the server: sha256 ${digest}`,
    `old CA:               sha256 ${previous}`,
    `Running servers use the new CA within a minute. Agents accept it because the old CA certifies it, and keep the old one until ${overlapEndsAt.toISOString()}.`,
    'Join commands with the old digest stop working: create new ones.',
  ]
}

/** A key that is made here would fit no database. */
async function readExistingKey({ dataDirectory, secretKey }: ServerConfig): Promise<Buffer> {
  if (secretKey === undefined && !existsSync(join(dataDirectory, 'secret.key')))
    throw new OperatorError(
      `${dataDirectory} holds no secret.key. Name the data directory of the server with --data, or set CHANDLER_SECRET_KEY.`,
    )
  return readMasterKey(dataDirectory, secretKey)
}
