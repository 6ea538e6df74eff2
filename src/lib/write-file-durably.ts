import { randomBytes } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Replaces a file so that after a crash or a power cut it holds either the old or the new content, whole.
 * When this has returned, the new content is on disk.
 * @param mode permissions of the file, also when it was there before; 0600 unless told otherwise
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
      // open() leaves out what the umask forbids.
      await file.chmod(mode)
      await file.writeFile(content)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(draft, path)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
  await syncDirectory(dirname(path))
}

/** Puts on disk which names a directory holds: without it a rename may be lost in a power cut. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}
