import { ArchiveError } from '../../lib/archive/archive-error.ts'
import { createCheckedTree } from '../../lib/archive/checked-tree.ts'
import { unpackArchive } from '../../lib/archive/unpack-archive.ts'

/** The agent checks all of it in any case: a large archive should not delay creating a version. */
const checkMs = 20_000
const checkBytes = 2 * 1024 ** 3

export interface CheckedArchive {
  readonly path: string
  readonly fileName: string
  readonly sizeBytes: number
}

/**
 * The reason why an agent would refuse to unpack the archive, by the agent's own rules; undefined
 * if the check finds none in time.
 */
export async function checkArchive(
  kind: 'tar' | 'zip',
  { path, fileName, sizeBytes }: CheckedArchive,
  timeMs = checkMs,
): Promise<string | undefined> {
  if (sizeBytes > checkBytes) return undefined
  const tree = createCheckedTree()
  const signal = AbortSignal.timeout(timeMs)
  try {
    await unpackArchive(kind, path, tree, signal)
  } catch (error) {
    if (signal.aborted || (error instanceof ArchiveError && isUnpackerMissing(error))) return undefined
    if (error instanceof ArchiveError) return `agents cannot unpack it: ${error.message}`
    throw error
  }
  return tree.has(fileName)
    ? `it contains an entry with the name of the archive; agents unpack it into the directory of the archive`
    : undefined
}

/** An error of this computer, which does not apply to instances. */
const isUnpackerMissing = ({ cause }: ArchiveError) => (cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT'
