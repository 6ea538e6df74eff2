import { readFile, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { OperatorError } from '../../lib/operator-error.ts'

/** The user that PostgreSQL runs as when we are root, whom it refuses. */
export interface DatabaseUser {
  name: string
  uid: number
  gid: number
}

const name = 'nobody'

/** Undefined when we are not root: then PostgreSQL runs as ourselves. */
export async function findDatabaseUser(): Promise<DatabaseUser | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const line = (await readFile('/etc/passwd', 'utf8')).split('\n').find((entry) => entry.startsWith(`${name}:`))
  const [, , uid, gid] = line?.split(':') ?? []
  if (uid === undefined || gid === undefined) {
    throw new OperatorError(
      `PostgreSQL does not run as root, and this machine has no user "${name}" for it. Add one, start Chandler as another user, or set DATABASE_URL.`,
    )
  }
  // macOS writes -2.
  return { name, uid: Number(uid) >>> 0, gid: Number(gid) >>> 0 }
}

/**
 * The first folder on the way to `path`, itself included, that the user may not pass through; undefined when it can get there.
 * Goes by owner, group and mode: an access list can only make it say no where yes would be possible.
 */
export async function findBlockingFolder(path: string, user: DatabaseUser): Promise<string | undefined> {
  const parent = dirname(path)
  const above = parent === path ? undefined : await findBlockingFolder(parent, user)
  if (above !== undefined) return above
  const { mode, uid, gid } = await stat(path)
  const mayPass = uid === user.uid ? mode & 0o100 : gid === user.gid ? mode & 0o010 : mode & 0o001
  return mayPass ? undefined : path
}
