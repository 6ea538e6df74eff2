import { chmod, chown, lstat, mkdir, mkdtemp, rm, rmdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { sha256Of } from '../../lib/digest.ts'
import type { DatabaseUser } from './database-user.ts'
import { makeOpenFolder } from './open-folder.ts'
import { postgresPort } from './settings.ts'

/** The kernel's limit for the path of a Unix socket, without the terminating zero byte. */
const maxSocketPathBytes = process.platform === 'darwin' ? 103 : 107

/** For a user other than root. TMPDIR is not used: that folder may itself be long or private. */
const sharedParent = '/tmp'

const fits = (directory: string) =>
  Buffer.byteLength(join(directory, `.s.PGSQL.${postgresPort}.lock`)) <= maxSocketPathBytes

/**
 * Creates a private folder (0700, owned by the database user) for the socket: in the cluster's home
 * if the path is short enough, else below the system directory, which only root can write; for a
 * user other than root in /tmp, where folders of other users are not used.
 */
export async function makeSocketDirectory(
  home: string,
  user: DatabaseUser | undefined,
  systemDirectory: string,
): Promise<string> {
  const inside = join(home, 'socket')
  if (fits(inside)) {
    await mkdir(inside, { recursive: true, mode: 0o700 })
    await give(inside, user)
    return inside
  }
  const { dev, ino } = await stat(home, { bigint: true })
  const digest = sha256Of(`${home}\n${dev}\n${ino}`).slice(0, 16)
  if (user !== undefined) {
    const sockets = join(systemDirectory, 'sockets')
    await makeOpenFolder(sockets)
    const own = join(sockets, digest)
    await mkdir(own, { recursive: true, mode: 0o700 })
    return give(own, user)
  }
  const name = join(sharedParent, `chandler-${digest}`)
  try {
    await mkdir(name, { mode: 0o700 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    // The name is left from a killed server or was created by another user: then it is not used.
    if (!(await isPrivate(name))) return mkdtemp(`${name}-`)
  }
  return name
}

async function isPrivate(path: string): Promise<boolean> {
  const found = await lstat(path)
  return found.isDirectory() && (found.mode & 0o077) === 0 && found.uid === process.getuid?.()
}

async function give(path: string, user: DatabaseUser | undefined): Promise<string> {
  await chmod(path, 0o700)
  if (user !== undefined) await chown(path, user.uid, user.gid)
  return path
}

/**
 * Removes the socket of a killed PostgreSQL: its lock file names a pid, and PostgreSQL refuses to
 * start while any process has that pid. The folder belongs to one cluster, of which no process runs
 * when this is called.
 */
export async function removeLeftSocket(directory: string): Promise<void> {
  for (const name of [`.s.PGSQL.${postgresPort}`, `.s.PGSQL.${postgresPort}.lock`])
    await rm(join(directory, name), { force: true })
}

/** Removes a folder outside the cluster's home after PostgreSQL has stopped; one inside remains. */
export async function removeSocketDirectory(directory: string, home: string): Promise<void> {
  if (dirname(directory) === home) return
  await removeLeftSocket(directory)
  await rmdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
  })
}
