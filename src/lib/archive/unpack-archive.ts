import { ArchiveError } from './archive-error.ts'
import type { UnpackedTree } from './entry-tree.ts'
import { unpackTar } from './unpack-tar.ts'
import { unpackZip } from './unpack-zip.ts'

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
    await (kind === 'tar' ? unpackTar(path, tree, signal) : unpackZip(path, tree, signal))
    tree.finish()
  } catch (error) {
    signal?.throwIfAborted()
    if (error instanceof ArchiveError || (error as NodeJS.ErrnoException).syscall !== undefined) throw error
    throw new ArchiveError(error instanceof Error ? error.message : String(error), { cause: error })
  }
}
