import { execFile } from 'node:child_process'
import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { OperatorError } from '../../lib/operator-error.ts'
import { listCreateCommands } from './user-commands.ts'

/**
 * The system user that PostgreSQL runs as when the server runs as root, because PostgreSQL refuses
 * to run as root.
 */
export interface DatabaseUser {
  name: string
  uid: number
  gid: number
}

/** `nobody` and `nogroup`, which all unprivileged processes share. */
const sharedId = 65_534

/**
 * Undefined if this process is not root: PostgreSQL then runs as the same user. A process of the
 * database's user can read and change every row, so no other process may use this user.
 * @throws OperatorError if the user does not exist or is shared with other processes
 */
export async function findDatabaseUser(name: string): Promise<DatabaseUser | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const user = await lookUpUser(name)
  if (user === undefined) {
    throw new OperatorError(
      [
        `The server runs as root and PostgreSQL refuses to: it needs a system user of its own, and this machine has no user "${name}". Create it, then start the server again:`,
        ...(await listCreateCommands(name)).map((command) => `  ${command.join(' ')}`),
        'Or start the server as an ordinary user, or set DATABASE_URL to a PostgreSQL of your own.',
      ].join('\n'),
    )
  }
  if (user.uid === 0 || user.uid === sharedId || user.gid === 0 || user.gid === sharedId) {
    throw new OperatorError(
      `The embedded PostgreSQL cannot run as user "${name}" (uid ${user.uid}, gid ${user.gid}): other processes share this user or its group, and each of them could change the database. Name a user that nothing else uses in CHANDLER_DATABASE_USER, or leave it unset for "chandler".`,
    )
  }
  return user
}

/** Looks up a user with `id`, because the user database need not be /etc/passwd. */
async function lookUpUser(name: string): Promise<DatabaseUser | undefined> {
  const ids = async (option: string) => {
    const { stdout } = await promisify(execFile)('id', [option, '--', name])
    return Number(stdout)
  }
  try {
    const [uid, gid] = await Promise.all([ids('-u'), ids('-g')])
    return { name, uid, gid }
  } catch (error) {
    // `id` exits with 1 if there is no such user.
    if ((error as { code?: unknown }).code === 1) return undefined
    throw error
  }
}

/**
 * The first folder on the way to `path` (inclusive) that the user may not traverse; undefined if
 * the user can reach it. Considers owner, group and mode only: an access control list can cause a
 * false refusal, never false permission.
 */
export async function findBlockingFolder(path: string, user: DatabaseUser): Promise<string | undefined> {
  const parent = dirname(path)
  const above = parent === path ? undefined : await findBlockingFolder(parent, user)
  if (above !== undefined) return above
  const { mode, uid, gid } = await stat(path)
  const mayPass = uid === user.uid ? mode & 0o100 : gid === user.gid ? mode & 0o010 : mode & 0o001
  return mayPass ? undefined : path
}
