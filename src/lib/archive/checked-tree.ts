import { posix } from 'node:path'
import { createEntryTree, type UnpackedTree } from './entry-tree.ts'

export interface CheckedTree extends UnpackedTree {
  /** Whether the archive contains this path. */
  has(path: string): boolean
}

/** Checks the entries against the rules without writing anything. */
export function createCheckedTree(): CheckedTree {
  const kinds = new Map<string, 'file' | 'directory'>()
  const nothing = { write: () => undefined, close: () => undefined }
  const tree = createEntryTree({
    kindOf: (path) => kinds.get(path),
    makeDirectories(path) {
      for (let place = path; place !== '.'; place = posix.dirname(place)) {
        const found = kinds.get(place)
        if (found === 'file') return false
        if (found === 'directory') return true
        kinds.set(place, 'directory')
      }
      return true
    },
    makeDirectory: (path) => void kinds.set(path, 'directory'),
    setDirectoryMode: () => undefined,
    removeFile: (path) => void kinds.delete(path),
    createFile(path) {
      kinds.set(path, 'file')
      return nothing
    },
    hardLink: (path) => void kinds.set(path, 'file'),
    symbolicLink: (path) => void kinds.set(path, 'file'),
  })
  return { ...tree, has: (path) => kinds.has(path) }
}
