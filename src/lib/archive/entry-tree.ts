import { posix } from 'node:path'
import { ArchiveError, quote } from './archive-error.ts'

/**
 * Receives the entries of an archive in order. Refuses a name that leads outside the tree, for
 * every kind of entry.
 */
export interface UnpackedTree {
  directory(name: string, mode: number): void
  file(name: string, mode: number, modifiedAt?: Date): UnpackedFile
  symbolicLink(name: string, target: string): void
  /** A hard link to an earlier entry. */
  hardLink(name: string, target: string): void
  /** Called after the last entry. */
  finish(): void
}

export interface UnpackedFile {
  write(bytes: Uint8Array): void
  close(): void
}

/**
 * Destination of entries. Paths are relative, without `.` and `..`; every existing entry comes from
 * this archive.
 */
export interface TreePlace {
  kindOf(path: string): 'file' | 'directory' | undefined
  /** Creates a directory and its missing parents. False where one of them is a file. */
  makeDirectories(path: string): boolean
  makeDirectory(path: string): void
  setDirectoryMode(path: string, mode: number): void
  removeFile(path: string): void
  createFile(path: string, mode: number, modifiedAt?: Date): UnpackedFile
  hardLink(path: string, existing: string): void
  symbolicLink(path: string, target: string): void
}

/**
 * The rules for the entries of an archive, whatever the destination. Symbolic links are created
 * last, so that no entry is ever written through one. The root is not an entry: an archive that
 * contains `./` does not change it.
 */
export function createEntryTree(place: TreePlace): UnpackedTree {
  const links = new Map<string, string>()

  const placeOf = (name: string): string => {
    const path = normalize(name)
    if (path === '.') throw new ArchiveError(`the entry ${quote(name)} is the workspace itself`)
    return path
  }

  let lastParent = ''
  function makeParents(path: string, name: string): void {
    const parent = posix.dirname(path)
    if (parent === '.' || parent === lastParent) return
    for (let above = parent; above !== '.'; above = posix.dirname(above))
      if (links.has(above))
        throw new ArchiveError(`the entry ${quote(name)} is below ${quote(above)}, which is a symbolic link`)
    if (!place.makeDirectories(parent)) throw new ArchiveError(`the entry ${quote(name)} is below a file`)
    lastParent = parent
  }

  /** If an archive contains a path twice, the last entry wins. */
  function clear(path: string, name: string): void {
    links.delete(path)
    const found = place.kindOf(path)
    if (found === 'directory')
      throw new ArchiveError(`the entry ${quote(name)} is in the archive twice, once as a directory`)
    if (found) place.removeFile(path)
  }

  return {
    directory(name, mode) {
      const path = normalize(name)
      if (path === '.') return
      makeParents(path, name)
      const found = place.kindOf(path)
      if (links.has(path) || found === 'file')
        throw new ArchiveError(`the entry ${quote(name)} is in the archive twice, once as a directory`)
      if (!found) place.makeDirectory(path)
      place.setDirectoryMode(path, mode)
    },
    file(name, mode, modifiedAt) {
      const path = placeOf(name)
      makeParents(path, name)
      clear(path, name)
      return place.createFile(path, mode, modifiedAt)
    },
    symbolicLink(name, target) {
      const path = placeOf(name)
      makeParents(path, name)
      clear(path, name)
      links.set(path, target)
    },
    hardLink(name, target) {
      const path = placeOf(name)
      const other = placeOf(target)
      if (path === other) return
      const link = links.get(other)
      const found = place.kindOf(other)
      makeParents(path, name)
      if (link !== undefined) {
        clear(path, name)
        // The same link text resolves differently in another directory.
        if (!posix.isAbsolute(link) && posix.dirname(path) !== posix.dirname(other))
          links.set(path, posix.relative(posix.dirname(path), posix.join(posix.dirname(other), link)))
        else links.set(path, link)
        return
      }
      if (found !== 'file')
        throw new ArchiveError(`the hard link ${quote(name)} names ${quote(target)}, which is not a file before it`)
      clear(path, name)
      place.hardLink(path, other)
    },
    finish() {
      for (const [path, target] of links) {
        if (leavesTree(path, links))
          throw new ArchiveError(
            `the link ${quote(path)} leaves the workspace (its target is ${quote(target)}); pack the target, or use an absolute path`,
          )
      }
      for (const [path, target] of links) place.symbolicLink(path, target)
    },
  }
}

/** Path of an entry below the root; `.` for the root itself. */
function normalize(name: string): string {
  if (name.includes('\0')) throw new ArchiveError(`the name ${quote(name)} holds a NUL`)
  if (posix.isAbsolute(name)) throw new ArchiveError(`the entry ${quote(name)} has an absolute path`)
  if (name.split('/').includes('..')) throw new ArchiveError(`the entry ${quote(name)} leaves the workspace`)
  return posix.normalize(name).replace(/\/$/, '')
}

/** The kernel's own limit. */
const maxLinksFollowed = 40

/**
 * Whether following a link leaves the root, with other links of the archive followed on the way: a
 * link that seems to stay inside may lead outside through another one. An absolute target names a
 * path of the system, which the author intended.
 */
function leavesTree(path: string, links: ReadonlyMap<string, string>): boolean {
  const place: string[] = path.split('/').slice(0, -1)
  const todo = (links.get(path) ?? '').split('/')
  if (posix.isAbsolute(links.get(path) ?? '')) return false
  for (let followed = 0; todo.length > 0; ) {
    const part = todo.shift()
    if (part === '' || part === '.') continue
    if (part === '..') {
      if (place.length === 0) return true
      place.pop()
      continue
    }
    place.push(part ?? '')
    const target = links.get(place.join('/'))
    if (target === undefined) continue
    if (posix.isAbsolute(target) || ++followed > maxLinksFollowed) return false
    place.pop()
    todo.unshift(...target.split('/'))
  }
  return false
}
