import { randomBytes } from 'node:crypto'
import { open, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { replaceFile } from './replace-file.ts'

/**
 * Replaces a file so that after a crash or a power failure it has either the old or the new
 * content. When this resolves, the new content is on disk.
 * @param mode permissions of the file, also if it existed before; default 0600
 */
export async function writeFileDurably(
  path: string,
  content: string | Uint8Array,
  { mode = 0o600 } = {},
): Promise<void> {
  const draft = `${path}.${randomBytes(6).toString('hex')}.tmp`
  try {
    const file = await open(draft, 'wx', mode)
    try {
      // open() applies the umask.
      await file.chmod(mode)
      await file.writeFile(content)
      await file.sync()
    } finally {
      await file.close()
    }
    await replaceFile(draft, path)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
  await syncDirectory(dirname(path))
}

/**
 * Syncs the directory entries: without this, a power failure may undo a rename. Windows has no such
 * operation: NTFS writes names to its own journal.
 */
export async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const directory = await open(path, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}

/** Syncs the content of a file that is not open. (Windows syncs only handles that may write.) */
export async function syncFile(path: string): Promise<void> {
  const file = await open(path, process.platform === 'win32' ? 'r+' : 'r')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}
