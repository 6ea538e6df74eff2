import {
  closeSync,
  constants,
  fchmodSync,
  futimesSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  rmSync,
  symlinkSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { createEntryTree, type UnpackedTree } from './entry-tree.ts'

/**
 * Permissions that an archive may set: no write access except for the owner, no setuid and no
 * setgid.
 */
const fileModes = 0o755
/** The owner can always enter and clear a directory, and read and remove a file. */
const ownerOfDirectory = 0o700
const ownerOfFile = 0o600

/** Writes entries below `root`, an empty directory that only the owner can enter. */
export function createUnpackedTree(root: string): UnpackedTree {
  const at = (path: string) => join(root, path)
  return createEntryTree({
    kindOf(path) {
      const found = lstatSync(at(path), { throwIfNoEntry: false })
      return found && (found.isDirectory() ? 'directory' : 'file')
    },
    makeDirectories(path) {
      try {
        mkdirSync(at(path), { recursive: true, mode: 0o755 })
        return true
      } catch (error) {
        if (!['EEXIST', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
        return false
      }
    },
    makeDirectory: (path) => mkdirSync(at(path)),
    setDirectoryMode(path, mode) {
      // Windows refuses it, and has no modes: access lists are inherited.
      if (process.platform !== 'win32') setMode(at(path), (mode & fileModes) | ownerOfDirectory, constants.O_DIRECTORY)
    },
    removeFile: (path) => rmSync(at(path)),
    createFile(path, mode, modifiedAt) {
      const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
      const file = openSync(at(path), flags, 0o600)
      return {
        write(bytes) {
          for (let from = 0; from < bytes.length; ) from += writeSync(file, bytes, from)
        },
        close() {
          try {
            // Not at open, where the umask of the process would mask bits.
            fchmodSync(file, (mode & fileModes) | ownerOfFile)
            if (modifiedAt) futimesSync(file, modifiedAt, modifiedAt)
          } finally {
            closeSync(file)
          }
        },
      }
    },
    hardLink: (path, existing) => linkSync(at(existing), at(path)),
    symbolicLink: (path, target) => symlinkSync(target, at(path)),
  })
}

function setMode(path: string, mode: number, flags: number): void {
  const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | flags)
  try {
    fchmodSync(file, mode)
  } finally {
    closeSync(file)
  }
}
