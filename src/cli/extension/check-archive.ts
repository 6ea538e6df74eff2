import { ArchiveError } from '../../lib/archive/archive-error.ts'
import { createCheckedTree } from '../../lib/archive/checked-tree.ts'
import { unpackArchive } from '../../lib/archive/unpack-archive.ts'

/** An agent looks at all of it in any case: a large archive does not hold up who creates a version. */
const checkMs = 20_000
const checkBytes = 2 * 1024 ** 3

export interface CheckedArchive {
  readonly path: string
  readonly fileName: string
  readonly sizeBytes: number
}

/** What keeps an agent from unpacking an archive, by the rules of the agent; undefined if nothing is found within the time. */
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
  return tree.has(fileName) ? `it holds an entry of its own name; agents put both in one directory` : undefined
}

/** Of this computer, which says nothing about instances. */
const isUnpackerMissing = ({ cause }: ArchiveError) => (cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT'
