import { chmod, chown, lstat, mkdir, mkdtemp, rm, rmdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { sha256Of } from '../../lib/digest.ts'
import type { DatabaseUser } from './database-user.ts'
import { postgresPort } from './settings.ts'

/** The kernel's limit on the path of a Unix socket, without the final zero byte. */
const maxSocketPathBytes = process.platform === 'darwin' ? 103 : 107

/** Not the temporary directory of the environment: that may itself be long or private. */
const shortParent = '/tmp'

const fits = (directory: string) =>
  Buffer.byteLength(join(directory, `.s.PGSQL.${postgresPort}.lock`)) <= maxSocketPathBytes

/**
 * A private folder (0700, the database user's) for the socket: in the cluster's home if the path is short enough,
 * else in /tmp under a name that nobody can guess who cannot see the home.
 */
export async function makeSocketDirectory(home: string, user: DatabaseUser | undefined): Promise<string> {
  const inside = join(home, 'socket')
  if (fits(inside)) {
    await mkdir(inside, { recursive: true, mode: 0o700 })
    await give(inside, user)
    return inside
  }
  const { dev, ino } = await stat(home, { bigint: true })
  const name = join(shortParent, `chandler-${sha256Of(`${home}\n${dev}\n${ino}`).slice(0, 16)}`)
  try {
    await mkdir(name, { mode: 0o700 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    // Left by a server that was killed, or put there by someone else: then it is not touched.
    if (!(await isPrivate(name, user))) return give(await mkdtemp(`${name}-`), user)
  }
  return give(name, user)
}

async function isPrivate(path: string, user: DatabaseUser | undefined): Promise<boolean> {
  const found = await lstat(path)
  return found.isDirectory() && (found.mode & 0o077) === 0 && found.uid === (user?.uid ?? process.getuid?.())
}

async function give(path: string, user: DatabaseUser | undefined): Promise<string> {
  await chmod(path, 0o700)
  if (user !== undefined) await chown(path, user.uid, user.gid)
  return path
}

/**
 * Removes the socket of a PostgreSQL that was killed: its lock file names a pid, and PostgreSQL refuses to start while any
 * process has that. The folder belongs to one cluster, of which nothing runs any more when this is called.
 */
export async function removeLeftSocket(directory: string): Promise<void> {
  for (const name of [`.s.PGSQL.${postgresPort}`, `.s.PGSQL.${postgresPort}.lock`])
    await rm(join(directory, name), { force: true })
}

/** A folder in /tmp goes when PostgreSQL has ended; one in the cluster's home stays. */
export async function removeSocketDirectory(directory: string, home: string): Promise<void> {
  if (dirname(directory) === home) return
  await removeLeftSocket(directory)
  await rmdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
  })
}
