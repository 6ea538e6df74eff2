import { chmodSync, lstatSync, lutimesSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Gives every file below a folder the same time and one of two modes, whatever the umask and the
 * clock of the machine are: archives of equal trees are then equal.
 * @param epoch seconds since 1970
 * @returns all paths, relative, sorted, folders included
 */
export function settleTree(folder: string, epoch: number): string[] {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort((a, b) => (a < b ? -1 : 1))
  for (const path of ['', ...paths].toReversed()) {
    const file = join(folder, path)
    const found = lstatSync(file)
    if (!found.isSymbolicLink()) chmodSync(file, found.isDirectory() || (found.mode & 0o100) !== 0 ? 0o755 : 0o644)
    lutimesSync(file, epoch, epoch)
  }
  return paths
}
