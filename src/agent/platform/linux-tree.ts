import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  openSync,
  readdirSync,
  renameSync,
  rmdirSync,
  unlinkSync,
} from 'node:fs'

const directoryFlags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW
/** Every level holds a descriptor; deeper directories are moved up and removed from there. */
const maxDepth = 64
/** Entries to remove before yielding to other work. */
const atOnce = 500
/** Bounds the attempts against a process that fills the tree as fast as it is emptied. */
const maxPasses = 100

const isPrivileged = process.geteuid?.() === 0

/**
 * Removes a directory that another user may be changing at the same time. Resolves a path only
 * once, to `path` itself, whose parent belongs to the agent; from there it works relative to open
 * directories (as openat(2) does), so that replacing a directory by a link has no effect.
 */
export async function removeLinuxTree(path: string): Promise<void> {
  const root = openDirectory(path)
  if (root === 'none') return
  if (root === 'file') return unlinkSync(path)
  try {
    // From here on its owner cannot add entries by path.
    if (isPrivileged) fchownSync(root, 0, 0)
    fchmodSync(root, 0o700)
    await emptyRoot(root, path)
  } finally {
    closeSync(root)
  }
  rmdirSync(path)
}

interface Removal {
  readonly root: number
  readonly device: number
  readonly path: string
  removed: number
  moved: number
}

async function emptyRoot(root: number, path: string): Promise<void> {
  const removal: Removal = { root, device: fstatSync(root).dev, path, removed: 0, moved: 0 }
  // Repeated: for directories that were moved up, and for entries that another process adds.
  for (let pass = 0; pass < maxPasses; pass++) {
    const entries = list(root)
    if (entries.length === 0) return
    await empty(root, entries, 0, removal)
  }
  throw new Error(`${path} cannot be removed: it is being filled again`)
}

async function empty(directory: number, names: readonly Buffer[], depth: number, removal: Removal): Promise<void> {
  for (const name of names) {
    if (++removal.removed % atOnce === 0) await new Promise((resolve) => setImmediate(resolve))
    const place = below(directory, name)
    if (unlink(place)) continue
    if (depth >= maxDepth) {
      ignoreMissing(() => renameSync(place, below(removal.root, Buffer.from(`.moved-${++removal.moved}`))))
    } else {
      await removeDirectory(place, depth, removal)
    }
  }
}

async function removeDirectory(place: Buffer, depth: number, removal: Removal): Promise<void> {
  const opened = openDirectory(place)
  if (opened === 'none') return
  if (opened === 'file') return ignoreMissing(() => unlinkSync(place))
  try {
    if (fstatSync(opened).dev !== removal.device)
      throw new Error(`${removal.path} cannot be removed: another file system is mounted in it`)
    if (!isPrivileged) fchmodSync(opened, 0o700)
    await empty(opened, list(opened), depth + 1, removal)
  } finally {
    closeSync(opened)
  }
  try {
    rmdirSync(place)
  } catch (error) {
    // Filled again in the meantime: the next pass removes it.
    if (!['ENOENT', 'ENOTEMPTY', 'ENOTDIR', 'EEXIST'].includes(codeOf(error))) throw error
  }
}

/** Names only: with types, Bun returns no entries for the encoding `buffer`, and names need not be UTF-8. */
const list = (directory: number) => readdirSync(`/proc/self/fd/${directory}`, { encoding: 'buffer' })

/** Removes what is not a directory; false if it is one. */
function unlink(place: Buffer): boolean {
  try {
    ignoreMissing(() => unlinkSync(place))
    return true
  } catch (error) {
    if (codeOf(error) === 'EISDIR') return false
    throw error
  }
}

const below = (directory: number, name: Buffer) => Buffer.concat([Buffer.from(`/proc/self/fd/${directory}/`), name])

function openDirectory(place: string | Buffer): number | 'none' | 'file' {
  try {
    return openSync(place, directoryFlags)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return 'none'
    if (['ENOTDIR', 'ELOOP'].includes(codeOf(error))) return 'file'
    // Root may enter every directory; other users must first grant themselves access to their own
    // tree.
    if (codeOf(error) !== 'EACCES' || isPrivileged) throw error
    chmodSync(place, 0o700)
    return openSync(place, directoryFlags)
  }
}

function ignoreMissing(work: () => void): void {
  try {
    work()
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error
  }
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? ''
