import { existsSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { systemClock } from '../../../lib/clock.ts'
import { OperatorError } from '../../../lib/operator-error.ts'
import { syncDirectory, writeFileDurably } from '../../../lib/write-file-durably.ts'
import { defaultAccountId } from '../../app/access/bootstrap.ts'
import { isReplacementUnfinished, replaceSecretKey } from '../../app/access/replace-secret-key.ts'
import { createSecretBox, deriveDigestKey, nextKeyFile, readMasterKey, readOrMakeKey, renderKey } from '../keys.ts'
import { openDatabase, openStoppedServer } from '../open-database.ts'
import { readServerConfig, type ServerOptions } from '../settings/config.ts'

/**
 * `chandler server rekey`: encrypts the secrets in the database with a new secret key, while no
 * server runs. Continues after an interruption. Returns lines to print.
 *
 * The new key is on disk before the first secret is encrypted with it, and replaces `secret.key`
 * after the last one.
 * @param newKeyFile file of the new key; created if it is missing. Required if the old key is in
 * CHANDLER_SECRET_KEY
 * @throws OperatorError for a problem that an operator has to correct
 */
export async function rekey(options: ServerOptions, newKeyFile: string | undefined): Promise<string[]> {
  const config = readServerConfig(options)
  await using parts = new AsyncDisposableStack()
  const directory = await openStoppedServer(config, parts)
  const keyFile = join(directory.path, 'secret.key')
  const isInDirectory = existsSync(keyFile)
  if (config.secretKey === undefined && !isInDirectory)
    throw new OperatorError(
      `${directory.path} has no secret.key. Name the data directory of the server with --data, or set CHANDLER_SECRET_KEY.`,
    )
  if (config.secretKey !== undefined && newKeyFile === undefined)
    throw new OperatorError(
      'CHANDLER_SECRET_KEY has the key, so name a file for the new one with --new-key. It is created if it does not exist.',
    )
  const masterKey = await readMasterKey(directory.path, config.secretKey)
  const database = await openDatabase(config, async () => directory, parts)
  const nextFile = newKeyFile === undefined ? join(directory.path, nextKeyFile) : resolve(newKeyFile)
  const next = await readOrMakeKey(nextFile)
  if (next.equals(masterKey)) throw new OperatorError(`${nextFile} contains the key that is in use. Name another file.`)
  let count: number
  try {
    count = await replaceSecretKey({
      database,
      accountId: defaultAccountId,
      from: createSecretBox(masterKey),
      to: createSecretBox(next),
      derivedDigestKey: deriveDigestKey(masterKey),
    })
  } catch (error) {
    // A new key that no secret is encrypted with would only keep the server from starting.
    if (newKeyFile === undefined && !(await isReplacementUnfinished(database, defaultAccountId))) await rm(nextFile)
    throw error
  }
  const lines = [`encrypted ${count} secrets with the new key`]
  if (isInDirectory) {
    // The old key still decrypts earlier backups.
    const oldFile = `${keyFile}.until-${new Date(systemClock.now()).toISOString().replaceAll(/[-:]|\.\d+/g, '')}`
    await writeFileDurably(oldFile, renderKey(masterKey))
    if (newKeyFile === undefined) {
      await rename(nextFile, keyFile)
      await syncDirectory(dirname(keyFile))
    } else await writeFileDurably(keyFile, renderKey(next))
    lines.push(
      `${keyFile}: the new key. Keep a copy of it in another place.`,
      `${oldFile}: the old key. Backups from before need it: move it to where you keep their keys.`,
    )
  }
  if (config.secretKey !== undefined)
    lines.push(`Set CHANDLER_SECRET_KEY of every server to the content of ${nextFile} before you start it.`)
  return lines
}
