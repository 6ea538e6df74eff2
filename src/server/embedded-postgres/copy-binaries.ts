import { randomBytes } from 'node:crypto'
import { chmod, constants, cp, lstat, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { OperatorError } from '../../lib/operator-error.ts'
import { syncDirectory } from '../../lib/write-file-durably.ts'
import { findMissingLinks, makeLinks } from './library-links.ts'
import { makeOpenFolder } from './open-folder.ts'

/** A copy takes a second: a draft of this age belongs to a process that was killed. */
const abandonedDraftMs = 3_600_000

/**
 * Copies the binaries atomically, with their library links, so that every user can run them.
 * @returns false if the copy existed already
 */
export async function copyBinaries(native: string, copy: string): Promise<boolean> {
  if (await isDirectory(copy)) return false
  const parent = dirname(copy)
  await makeOpenFolder(parent)
  await removeAbandonedDrafts(parent)
  const draft = join(parent, `.${basename(copy)}.${randomBytes(6).toString('hex')}.draft`)
  try {
    await cp(native, draft, {
      recursive: true,
      verbatimSymlinks: true,
      mode: constants.COPYFILE_FICLONE,
      filter: (path) => !path.endsWith('.a') && basename(path) !== 'pkgconfig',
    })
    await makeLinks(await findMissingLinks(draft))
    await settleTree(draft)
    return await publish(draft, copy)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') {
      throw new OperatorError(`The disk of ${parent} is full: the PostgreSQL binaries need 60 MB there.`, {
        cause: error,
      })
    }
    throw error
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
}

/**
 * Gives everyone read access whatever the umask is, and syncs all files before the final name marks
 * the copy as complete.
 */
async function settleTree(path: string): Promise<void> {
  await chmod(path, 0o755)
  for (const entry of await readdir(path, { withFileTypes: true })) {
    const child = join(path, entry.name)
    if (entry.isDirectory()) await settleTree(child)
    else if (entry.isFile()) await settleFile(child)
  }
  await syncDirectory(path)
}

async function settleFile(path: string): Promise<void> {
  const file = await open(path, 'r')
  try {
    const { mode } = await file.stat()
    await file.chmod((mode & 0o100) === 0 ? 0o644 : 0o755)
    await file.sync()
  } finally {
    await file.close()
  }
}

async function publish(draft: string, copy: string): Promise<boolean> {
  try {
    await rename(draft, copy)
  } catch (error) {
    // Another server that starts at the same time was first: its copy is equivalent.
    if (await isDirectory(copy)) return false
    throw error
  }
  await syncDirectory(dirname(copy))
  return true
}

async function removeAbandonedDrafts(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    if (!name.endsWith('.draft')) continue
    const path = join(parent, name)
    const found = await lstat(path).catch(() => undefined)
    if (found !== undefined && Date.now() - found.mtimeMs > abandonedDraftMs)
      await rm(path, { recursive: true, force: true })
  }
}

const isDirectory = (path: string) =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
