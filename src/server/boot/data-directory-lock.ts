import { readFileSync, writeFileSync } from 'node:fs'
import { chmod } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { z } from 'zod'
import { OperatorError } from '../../lib/operator-error.ts'
import { readProcessIdentity } from '../../lib/process-identity.ts'

const holderSchema = z.object({ pid: z.int().positive(), identity: z.string() })

/** SQLite's result code for a lock that another connection holds. */
const sqliteBusy = 5

/**
 * Keeps held locks referenced: the garbage collector would close an unreferenced connection and
 * release its lock.
 */
const held = new Set<DatabaseSync>()

/**
 * Locks a data directory, so that only one server uses it. The lock is an operating system lock,
 * taken through SQLite on an empty file, because Node.js has no call for file locks. The kernel
 * releases it with the process that holds it: it cannot become stale, is not confused by a reused
 * pid, and works between containers that cannot see each other's pids. A pid file alone would need
 * a takeover, which two servers that start at once could both do. The pid file beside it only names
 * the holder in error messages.
 * @returns a function that releases the lock
 * @throws OperatorError if another server holds the lock or the file cannot be locked
 */
export async function lockDataDirectory(path: string): Promise<() => void> {
  const lockFile = join(path, 'server.lock')
  const holderFile = join(path, 'server.pid')
  const lock = new DatabaseSync(lockFile, { timeout: 0 })
  try {
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
  } catch (error) {
    lock.close()
    if ((error as { errcode?: unknown }).errcode !== sqliteBusy)
      throw new OperatorError(`${lockFile} cannot be locked: ${(error as Error).message}.`)
    throw new OperatorError(await describeHolder(path, holderFile))
  }
  held.add(lock)
  await chmod(lockFile, 0o600)
  const identity = (await readProcessIdentity(process.pid)) ?? ''
  writeFileSync(holderFile, `${JSON.stringify({ pid: process.pid, identity })}\n`, { mode: 0o600 })
  return () => {
    if (held.delete(lock)) lock.close()
  }
}

async function describeHolder(path: string, holderFile: string): Promise<string> {
  const remedy = 'Stop it first, or name another folder with --data.'
  const holder = readHolder(holderFile)
  if (holder !== undefined && (await readProcessIdentity(holder.pid)) === holder.identity) {
    return `The data directory ${path} is in use by another Chandler server, process ${holder.pid}. ${remedy}`
  }
  return `The data directory ${path} is in use by another Chandler server whose process cannot be seen from here (another container or machine?). ${remedy}`
}

function readHolder(holderFile: string) {
  try {
    return holderSchema.parse(JSON.parse(readFileSync(holderFile, 'utf8')))
  } catch {
    // The holder has not written its pid yet: the message omits it.
    return undefined
  }
}
