import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { createProcessLogger } from '../../../lib/logger.ts'
import { OperatorError } from '../../../lib/operator-error.ts'
import { startEmbeddedPostgres } from '../../embedded-postgres/start-embedded-postgres.ts'
import { openStoppedServer } from '../open-database.ts'
import { nameBucket } from '../open-object-store.ts'
import { readServerConfig } from '../settings/config.ts'
import { backupManifestName, renderBackupManifest } from './backup-manifest.ts'

export interface BackUpOptions {
  readonly config?: string
  readonly data?: string
  /** The archive, which must not exist; `-`: standard output. */
  readonly output: string
}

/**
 * `chandler server backup`: writes database and artifacts of a stopped server into one archive
 * (tar.gz, mode 0600). The archive does not contain the secret key, which decrypts its secrets.
 * @returns the size of the archive in bytes, undefined for standard output; and the bucket with the
 * artifacts, which are not in the archive then
 * @throws OperatorError for a problem that an operator has to correct; no archive is left then
 */
export async function backUp({ output, ...options }: BackUpOptions): Promise<{ sizeBytes?: number; bucket?: string }> {
  const config = readServerConfig(options)
  if (config.databaseUrl !== undefined) {
    throw new OperatorError(
      'This server uses your own PostgreSQL: back it up with pg_dump, then the artifacts (docs/backup.md).',
    )
  }
  await using parts = new AsyncDisposableStack()
  const dataDirectory = await openStoppedServer(config, parts)
  // A start and a clean stop end what a killed server may have left running.
  const postgres = await startEmbeddedPostgres({
    dataDirectory,
    databaseUser: config.databaseUser,
    log: createProcessLogger('warn'),
  })
  await postgres.stop()
  const inside = join(dataDirectory.path, 'postgres')
  if (!postgres.clusterDirectory.startsWith(join(inside, '/'))) {
    throw new OperatorError(
      `The database is outside of the data directory, in ${postgres.clusterDirectory}: back it up with pg_dump (docs/backup.md).`,
    )
  }
  const drafts = await mkdtemp(join(tmpdir(), 'chandler-backup-'))
  parts.defer(() => rm(drafts, { recursive: true, force: true }))
  await writeFile(join(drafts, backupManifestName), renderBackupManifest(new Date()))
  const bucket = config.objectsBucket === undefined ? undefined : nameBucket(config.objectsBucket)
  const elsewhere = bucket === undefined ? {} : { bucket }
  const args = [
    '--create',
    '--gzip',
    '--numeric-owner',
    '--exclude=./incoming/*',
    String.raw`--transform=s,^\.\(/\|$\),objects\1,`,
    `--directory=${drafts}`,
    backupManifestName,
    `--directory=${dataDirectory.path}`,
    'postgres.json',
    'postgres',
    ...(bucket === undefined && existsSync(config.objectsDirectory)
      ? [`--directory=${config.objectsDirectory}`, '.']
      : []),
    // The last entry: a restored folder with it is complete.
    `--directory=${dataDirectory.path}`,
    'data-directory.json',
  ]
  if (output === '-') {
    await runTar(args, 'inherit')
    return elsewhere
  }
  return { ...elsewhere, sizeBytes: await writeArchive(resolve(output), (descriptor) => runTar(args, descriptor)) }
}

async function writeArchive(path: string, write: (descriptor: number) => Promise<void>): Promise<number> {
  const file = await open(path, 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
    throw new OperatorError(`${path} cannot be created (${error.code}). Name a new file with --output.`, {
      cause: error,
    })
  })
  try {
    await write(file.fd)
    await file.sync()
    return (await file.stat()).size
  } catch (error) {
    await rm(path, { force: true })
    throw error
  } finally {
    await file.close()
  }
}

async function runTar(args: readonly string[], output: number | 'inherit'): Promise<void> {
  const tar = spawn('tar', args, { stdio: ['ignore', output, 'pipe'] })
  const [said, [code, signal]] = await Promise.all([text(tar.stderr!), once(tar, 'close')])
  if (code !== 0) throw new OperatorError(`The archive could not be written (tar: ${signal ?? code}). ${said.trim()}`)
}
