import { constants } from 'node:fs'
import { open, realpath } from 'node:fs/promises'
import { isAbsolute, join, relative, resolve, sep } from 'node:path'

export interface FoundFile {
  /** Absolute, with links resolved. */
  readonly path: string
  /** For messages: relative to the extension's folder. */
  readonly name: string
  readonly sizeBytes: number
  /** The first bytes, or the whole file if it is shorter. */
  readonly head: Uint8Array
}

/**
 * A file that extension.yaml names, or the problem with it. It must be inside the extension's
 * folder, also after resolving links: an extension from a third party must not upload other files,
 * such as a key from the user's home.
 * @param folder absolute, with links resolved
 * @param headBytes number of bytes to read
 */
export async function findExtensionFile(
  folder: string,
  written: string,
  headBytes: number,
): Promise<FoundFile | { readonly problem: string }> {
  if (isAbsolute(written)) return { problem: `${written} is an absolute path; use a path relative to extension.yaml` }
  if (written.includes('\0')) return { problem: 'the path contains a zero byte' }
  const wanted = resolve(folder, written)
  if (!isInside(folder, wanted))
    return { problem: `${written} is outside of the extension folder; move the file into it` }
  const name = relative(folder, wanted)
  try {
    const path = await realpath(join(folder, name))
    if (!isInside(folder, path))
      return { problem: `${written} is a link to a file outside of the extension folder; copy the file into it` }
    // O_NONBLOCK: opening a pipe must not block until there is a writer.
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      const stats = await file.stat()
      if (stats.isDirectory()) return { problem: `${written} is a folder; specify a file` }
      if (!stats.isFile()) return { problem: `${written} is not a regular file` }
      const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.min(stats.size, headBytes)), { position: 0 })
      return { path, name, sizeBytes: stats.size, head: buffer.subarray(0, bytesRead) }
    } finally {
      await file.close()
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return { problem: `file ${written} does not exist` }
    if (code === 'EACCES') return { problem: `${written} cannot be read: permission denied` }
    return { problem: `${written} cannot be read: ${message}` }
  }
}

const isInside = (folder: string, path: string) =>
  path !== folder && path.startsWith(folder.endsWith(sep) ? folder : folder + sep)
