// Where Node.js keeps compiled code between starts. Its own default is one folder in the shared temporary directory, protected
// by a checksum only: any user of the machine could put code there that another user, root included, then runs.
import { lstatSync, mkdirSync } from 'node:fs'
import module from 'node:module'
import { homedir, userInfo } from 'node:os'
import { join } from 'node:path'

/** Read, write and search for the group and for others: nobody else may list the compiled code, and nobody may change it. */
const forOthers = 0o077
const writableByOthers = 0o022

/**
 * Keeps compiled code in `.cache/chandler/compile` of the home directory, made if it is missing, 0700; nowhere if another user
 * owns a part of that path or could replace it. The home directory is the one of the user database, not of HOME: `sudo` can
 * leave another user's there.
 */
export function enableCompileCache(home = findHome()) {
  // Absent before Node.js 22: a named import would keep such a Node.js from reading this file at all.
  if (module.enableCompileCache === undefined) return
  const folder = findCompileCache(home)
  if (folder !== undefined) module.enableCompileCache(folder)
}

function findCompileCache(home) {
  const uid = process.getuid?.()
  // On Windows the profile of a user is closed to the others by its access list, and there is no mode to look at.
  const closed = (path, forbidden) => {
    const found = lstatSync(path)
    return found.isDirectory() && (uid === undefined || (found.uid === uid && (found.mode & forbidden) === 0))
  }
  try {
    const caches = join(home, '.cache')
    const folder = join(caches, 'chandler', 'compile')
    if (!closed(home, writableByOthers)) return undefined
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const isSafe =
      closed(caches, writableByOthers) &&
      closed(join(caches, 'chandler'), writableByOthers) &&
      closed(folder, forOthers)
    return isSafe ? folder : undefined
  } catch {
    // No home directory, or none that can be written: the start takes a little longer.
    return undefined
  }
}

function findHome() {
  try {
    return userInfo().homedir
  } catch {
    // A user id without an entry in the user database.
    return process.getuid?.() === 0 ? '/root' : homedir()
  }
}
