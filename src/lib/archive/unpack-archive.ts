import { ArchiveError } from './archive-error.ts'
import type { UnpackedTree } from './entry-tree.ts'

/**
 * Readers of archives, loaded on demand: an agent at rest has no archive to read, and each costs it
 * several megabytes.
 */
const readers = {
  tar: async () => (await import('./unpack-tar.ts')).unpackTar,
  zip: async () => (await import('./unpack-zip.ts')).unpackZip,
}

/**
 * Unpacks an archive. Either everything in it is in `tree`, or this rejects with an ArchiveError
 * that names the entry, or with the first error of the system. It skips nothing silently and writes
 * nothing after it has rejected.
 */
export async function unpackArchive(
  kind: 'tar' | 'zip',
  path: string,
  tree: UnpackedTree,
  signal?: AbortSignal,
): Promise<void> {
  try {
    const unpack = await readers[kind]()
    await unpack(path, tree, signal)
    tree.finish()
  } catch (error) {
    signal?.throwIfAborted()
    if (error instanceof ArchiveError || (error as NodeJS.ErrnoException).syscall !== undefined) throw error
    throw new ArchiveError(error instanceof Error ? error.message : String(error), { cause: error })
  }
}
