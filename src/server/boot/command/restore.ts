import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { OperatorError } from '../../../lib/operator-error.ts'
import { writeFileDurably } from '../../../lib/write-file-durably.ts'
import { checkSecretKeyOfDatabase } from '../../app/access/bootstrap.ts'
import { createSecretBox, parseMasterKey, readMasterKey } from '../keys.ts'
import { openDatabase, openStoppedServer } from '../open-database.ts'
import { readServerConfig } from '../settings/config.ts'
import { backupManifestName, readBackupManifest } from './backup-manifest.ts'

export interface RestoreOptions {
  readonly config?: string
  readonly data?: string
  /** The archive; `-`: standard input. */
  readonly archive: string
  /** File with the secret key of the backup; not with the setting secretKey. */
  readonly secretKey?: string
}

/**
 * `chandler server restore`: unpacks a backup into the data directory, which must be empty or
 * missing, and checks that the secret key belongs to its database.
 * @returns when the backup was made
 * @throws OperatorError for a problem that an operator has to correct; the data directory is empty
 * again then
 */
export async function restore({ archive, secretKey: keyFile, ...options }: RestoreOptions): Promise<Date> {
  const config = readServerConfig(options)
  const { dataDirectory } = config
  if (config.databaseUrl !== undefined)
    throw new OperatorError('This server uses your own PostgreSQL: restore it with pg_restore (docs/backup.md).')
  const key = keyFile === undefined ? config.secretKey : await readKey(keyFile)
  if (key === undefined)
    throw new OperatorError('The backup does not contain the secret key: name its file with --secret-key.')
  const obstacle = (await listFolder(dataDirectory)).find((name) => name !== 'lost+found')
  if (obstacle !== undefined) {
    throw new OperatorError(
      `${dataDirectory} is not empty (it holds ${obstacle}). Move it away, or name another folder with --data.`,
    )
  }
  await mkdir(dataDirectory, { recursive: true, mode: 0o700 })
  try {
    await unpack(archive, dataDirectory)
    const createdAt = await readManifest(dataDirectory)
    if (config.secretKey === undefined)
      await writeFileDurably(join(dataDirectory, 'secret.key'), `${key.toString('base64')}\n`)
    await moveObjects(dataDirectory, config.objectsDirectory)
    await using parts = new AsyncDisposableStack()
    const directory = await openStoppedServer(config, parts)
    const secrets = createSecretBox(await readMasterKey(directory.path, config.secretKey))
    const database = await openDatabase(config, async () => directory, parts)
    await checkSecretKeyOfDatabase({ database, secrets })
    return createdAt
  } catch (error) {
    // Half a restored server must not start.
    for (const name of await listFolder(dataDirectory))
      if (name !== 'lost+found') await rm(join(dataDirectory, name), { recursive: true, force: true })
    throw error
  }
}

async function readKey(path: string): Promise<Buffer> {
  const content = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new OperatorError(`The secret key ${path} cannot be read (${error.code}).`, { cause: error })
  })
  const key = parseMasterKey(content)
  if (key === undefined) throw new OperatorError(`${path} is not a secret key: it must hold 32 bytes in base64.`)
  return key
}

async function listFolder(path: string): Promise<string[]> {
  try {
    return await readdir(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return []
    throw new OperatorError(`${path} cannot be used (${code}). Run the command as the user of the server.`, {
      cause: error,
    })
  }
}

/** The files belong to this user: user ids may differ between machines. */
async function unpack(archive: string, folder: string): Promise<void> {
  const input =
    archive === '-'
      ? undefined
      : await open(archive, 'r').catch((error: NodeJS.ErrnoException) => {
          throw new OperatorError(`The archive ${archive} cannot be read (${error.code}).`, { cause: error })
        })
  try {
    const args = ['--extract', '--gzip', '--no-same-owner', '--preserve-permissions', `--directory=${folder}`]
    const tar = spawn('tar', args, { stdio: [input?.fd ?? 'inherit', 'ignore', 'pipe'] })
    const [said, [code, signal]] = await Promise.all([text(tar.stderr!), once(tar, 'close')])
    if (code !== 0)
      throw new OperatorError(`The archive could not be unpacked (tar: ${signal ?? code}). ${said.trim()}`)
  } finally {
    await input?.close()
  }
}

async function readManifest(folder: string): Promise<Date> {
  const path = join(folder, backupManifestName)
  const createdAt = readBackupManifest(await readFile(path, 'utf8').catch(() => ''))
  await rm(path)
  return createdAt
}

async function moveObjects(dataDirectory: string, objectsDirectory: string): Promise<void> {
  const from = join(dataDirectory, 'objects')
  if (from === objectsDirectory || !(await listFolder(dataDirectory)).includes('objects')) return
  await rename(from, objectsDirectory).catch((error: NodeJS.ErrnoException) => {
    throw new OperatorError(
      `The artifacts could not be moved to ${objectsDirectory} (${error.code}): it must be empty and on the same file system. Restore without the setting objects, then copy them.`,
      { cause: error },
    )
  })
}
