import { randomBytes } from 'node:crypto'
import { link, lstat, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { Clock } from '../../lib/clock.ts'
import type { Logger } from '../../lib/logger.ts'
import { listProcesses } from './leftover.ts'

/**
 * A data directory may be on an unmounted disk or in the middle of a move: it counts as deleted
 * only after it was missing for this long.
 */
const missingForMs = 30 * 86_400_000

const anchorOf = (home: string) => `${home}.anchor`
const missingSinceOf = (home: string) => `${home}.missing`
const companions = (home: string) => [`${home}.owner.json`, anchorOf(home), missingSinceOf(home)]

/**
 * Links a cluster outside its data directory to that directory: a hard link to the directory's
 * identity file. While the data directory exists, wherever it was moved to, the file has two names;
 * when it is deleted, one remains. Hard links across file systems are impossible; the cluster is
 * then not linked.
 */
export async function anchorCluster(
  home: string,
  { path, identityFile }: { path: string; identityFile: string },
): Promise<void> {
  const anchor = anchorOf(home)
  await rm(missingSinceOf(home), { force: true })
  const target = join(path, identityFile)
  const [own, known] = await Promise.all([lstat(target), statOf(anchor)])
  if (known?.ino === own.ino && known.dev === own.dev) return
  await rm(anchor, { force: true })
  await link(target, anchor).catch((error: NodeJS.ErrnoException) => {
    // On another file system, or one without hard links.
    if (!['EXDEV', 'EPERM', 'ENOTSUP', 'EMLINK'].includes(error.code ?? '')) throw error
  })
}

export interface RemoveOptions {
  systemDirectory: string
  /** The name of the file with the id in a data directory. */
  identityFile: string
  clock: Clock
  log: Logger
}

/**
 * Removes clusters below the system directory whose data directories were deleted: they cannot be
 * opened any more, because the password was in the data directory.
 */
export async function removeOrphanedClusters({
  systemDirectory,
  identityFile,
  clock,
  log,
}: RemoveOptions): Promise<void> {
  const clusters = join(systemDirectory, 'clusters')
  const names = await readdir(clusters).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  for (const name of names) {
    // Left by a removal that was killed.
    if (name.startsWith('.removed-')) await rm(join(clusters, name), { recursive: true, force: true })
    const home = join(clusters, name)
    if (!/^[0-9a-f]{16}$/.test(name) || !(await isOrphan(home, name, { identityFile, clock }))) continue
    // The server still runs although its data directory was deleted.
    if ((await listProcesses(join(home, 'cluster'))).length > 0) continue
    const removed = join(clusters, `.removed-${name}-${randomBytes(4).toString('hex')}`)
    await rename(home, removed).catch((error: NodeJS.ErrnoException) => {
      // Another server that starts at the same time removes it, too.
      if (error.code !== 'ENOENT') throw error
    })
    for (const companion of companions(home)) await rm(companion, { force: true })
    await rm(removed, { recursive: true, force: true })
    log.info('removing a database whose data directory was deleted', { at: home })
  }
}

async function isOrphan(
  home: string,
  id: string,
  { identityFile, clock }: Pick<RemoveOptions, 'identityFile' | 'clock'>,
): Promise<boolean> {
  const missingSince = missingSinceOf(home)
  const anchor = await statOf(anchorOf(home))
  const owner = await readOwner(home)
  if ((anchor?.nlink ?? 0) > 1 || (owner !== undefined && (await readId(join(owner, identityFile))) === id)) {
    await rm(missingSince, { force: true })
    return false
  }
  if (anchor !== undefined) return true
  const marked = await statOf(missingSince)
  if (marked === undefined) await writeFile(missingSince, '', { mode: 0o600 })
  return marked !== undefined && marked.mtime < new Date(clock.now() - missingForMs)
}

async function readOwner(home: string): Promise<string | undefined> {
  const text = await readIfThere(`${home}.owner.json`)
  return text === undefined ? undefined : z.object({ path: z.string() }).parse(JSON.parse(text)).path
}

async function readId(file: string): Promise<string | undefined> {
  const text = await readIfThere(file)
  return text === undefined ? undefined : z.object({ id: z.string() }).parse(JSON.parse(text)).id
}

const isAbsent = (error: unknown) => ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')

const readIfThere = (path: string) =>
  readFile(path, 'utf8').catch((error: unknown) => {
    if (isAbsent(error)) return undefined
    throw error
  })

const statOf = (path: string) =>
  lstat(path).catch((error: unknown) => {
    if (isAbsent(error)) return undefined
    throw error
  })
