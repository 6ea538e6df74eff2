import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chown, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { OperatorError } from '../../lib/operator-error.ts'
import { syncDirectory } from '../../lib/write-file-durably.ts'
import type { DatabaseUser } from './database-user.ts'
import { explainFailure } from './failure.ts'
import type { Launcher } from './launch.ts'

/** PostgreSQL cannot read data files of another major version. */
const majorVersion = 18

export interface InitialiseOptions {
  home: string
  binaries: string
  user: DatabaseUser | undefined
  launcher: Launcher
  /** SQL statements for the new cluster, one per line. */
  sql: string
}

/**
 * The folder of the cluster, created if it is missing. It is created under a temporary name and
 * renamed when it is complete, role and database included: a kill in between leaves a draft, which
 * the next start removes.
 * @throws OperatorError if it cannot be created, or belongs to another major version
 */
export async function initialiseCluster(options: InitialiseOptions): Promise<{ cluster: string; made: boolean }> {
  const { home, user } = options
  const cluster = join(home, 'cluster')
  const found = await readdir(home)
  for (const name of found.filter((entry) => entry.startsWith('draft-'))) await removeDraft(join(home, name))
  if (found.includes('cluster')) {
    await checkVersion(cluster)
    return { cluster, made: false }
  }
  const draft = join(home, `draft-${randomBytes(6).toString('hex')}`)
  try {
    await mkdir(draft, { mode: 0o700 })
    if (user !== undefined) await chown(draft, user.uid, user.gid)
    await runInitdb(options, draft)
    await runStatements(options, draft)
    await rename(draft, cluster)
  } catch (error) {
    await removeDraft(draft)
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC')
      throw explainFailure('The database could not be created', home, ['No space left on device'])
    throw error
  }
  await syncDirectory(home)
  return { cluster, made: true }
}

/** An initdb whose server was killed may still write: what it adds meanwhile is removed as well. */
const removeDraft = (draft: string) => rm(draft, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })

function runInitdb(options: InitialiseOptions, draft: string): Promise<void> {
  return run(options, 'initdb', [
    `--pgdata=${draft}`,
    // The superuser has no password and cannot connect: the access rules of settings.ts replace
    // these.
    '--username=postgres',
    '--auth=reject',
    '--encoding=UTF8',
    // PostgreSQL's own sort order by code point: an update of the C library or of ICU cannot
    // corrupt an index.
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--no-instructions',
  ])
}

/**
 * Single-user mode reads statements from standard input, so the password does not appear in the
 * process list.
 */
const runStatements = (options: InitialiseOptions, draft: string) =>
  run(
    options,
    'postgres',
    ['--single', '-D', draft, '-c', 'exit_on_error=on', '-c', 'log_min_messages=error', 'postgres'],
    options.sql,
  )

async function run(
  { launcher, binaries, home }: InitialiseOptions,
  program: string,
  commandArguments: string[],
  input = '',
) {
  const child = await launcher.start(join(binaries, 'bin', program), commandArguments)
  child.stdin.end(input)
  child.stdout.resume()
  const [output, [code, signal]] = await Promise.all([text(child.stderr), once(child, 'exit')])
  if (code === 0) return
  const lines = output.split('\n').filter((line) => line.trim() !== '')
  throw explainFailure(
    `The database could not be created: ${program} ended with ${signal ?? `code ${code}`}`,
    home,
    lines,
  )
}

async function checkVersion(cluster: string): Promise<void> {
  const file = join(cluster, 'PG_VERSION')
  const version = Number.parseInt(await readFile(file, 'utf8'), 10)
  if (version === majorVersion) return
  if (!(version > 0))
    throw new OperatorError(`The database in ${cluster} is damaged: ${file} names no version. Restore a backup.`)
  const remedy =
    version > majorVersion
      ? 'Run the Chandler that wrote it, or a newer one.'
      : 'Dump it with the Chandler that wrote it, start this one with an empty data directory, and restore the dump there.'
  throw new OperatorError(
    `The database in ${cluster} was written by PostgreSQL ${version}, this is ${majorVersion}. ${remedy}`,
  )
}
