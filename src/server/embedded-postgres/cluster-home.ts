import { chmod, chown, mkdir, readFile, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import type { Logger } from '../../lib/logger.ts'
import { OperatorError } from '../../lib/operator-error.ts'
import { writeFileDurably } from '../../lib/write-file-durably.ts'
import { type ClusterRecord, insertClusterRecord, readClusterRecord } from './cluster-record.ts'
import { type DatabaseUser, findBlockingFolder } from './database-user.ts'
import { makeOpenFolder } from './open-folder.ts'
import { anchorCluster } from './orphaned-clusters.ts'

export interface ClusterHomeOptions {
  dataDirectory: { path: string; id: string; identityFile: string }
  user: DatabaseUser | undefined
  /** Parent of clusters whose data directory the database user cannot reach. */
  systemDirectory: string
  log: Logger
}

/**
 * Finds the folder of this data directory's cluster, or chooses one: inside the data directory, or,
 * if the database user cannot reach that, below `systemDirectory` under the data directory's id, so
 * that it is found again when the data directory is moved.
 *
 * The folder belongs to the server's user (root, if the server runs as root); the database user may
 * only traverse it to its own folders inside.
 * @throws OperatorError if the user cannot reach it (any more), or it belongs to another data
 * directory
 */
export async function openClusterHome(options: ClusterHomeOptions): Promise<{ home: string; record: ClusterRecord }> {
  const { dataDirectory, user, log } = options
  const record = (await readClusterRecord(dataDirectory.path)) ?? (await decide(options))
  const home = record.home ?? join(dataDirectory.path, 'postgres')
  if (record.home !== undefined) {
    await claim(home, dataDirectory)
    log.info('the database of this data directory is kept outside of it', {
      dataDirectory: dataDirectory.path,
      at: home,
    })
  } else if (user !== undefined) {
    // The group may traverse (not list) the data directory: the database user is its only member.
    await chown(dataDirectory.path, 0, user.gid)
    await chmod(dataDirectory.path, 0o710)
  }
  await makePassableFor(user, home)
  const blocking = user === undefined ? undefined : await findBlockingFolder(home, user)
  if (blocking !== undefined) {
    throw new OperatorError(
      `The database in ${home} runs as user ${user?.name}, who may not pass through ${blocking}. Allow it (chmod o+x ${blocking}) or move the data directory to a place it can reach.`,
    )
  }
  return { home, record }
}

async function decide({ dataDirectory, user, systemDirectory }: ClusterHomeOptions): Promise<ClusterRecord> {
  const isReachable = user === undefined || (await findBlockingFolder(dirname(dataDirectory.path), user)) === undefined
  return insertClusterRecord(
    dataDirectory.path,
    isReachable ? undefined : join(systemDirectory, 'clusters', dataDirectory.id),
  )
}

async function makePassableFor(user: DatabaseUser | undefined, home: string): Promise<void> {
  await mkdir(home, { recursive: true, mode: 0o700 })
  if (user === undefined) return
  await chown(home, 0, user.gid)
  await chmod(home, 0o710)
}

const ownerSchema = z.object({ path: z.string(), device: z.string(), inode: z.string() })

/**
 * Two data directories with the same id are an original and its copy, and the copy has no database
 * of its own: starting it on the original's database, or on an empty one, would both be wrong. A
 * folder that was moved keeps its database.
 */
async function claim(home: string, dataDirectory: { path: string; identityFile: string }): Promise<void> {
  const file = `${home}.owner.json`
  await makeOpenFolder(dirname(home))
  const own = await identify(dataDirectory.path)
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  const owner = text === undefined ? undefined : ownerSchema.parse(JSON.parse(text))
  if (owner !== undefined && (owner.device !== own.device || owner.inode !== own.inode)) {
    const there = await identify(owner.path).catch(() => undefined)
    if (there?.device === owner.device && there.inode === owner.inode) {
      throw new OperatorError(
        `${own.path} is a copy of the data directory ${owner.path}, and its database is not in it: that is in ${home}. Use the original, or name an empty folder with --data and restore a backup of the database into it.`,
      )
    }
  }
  if (owner?.path !== own.path || owner.device !== own.device || owner.inode !== own.inode) {
    await writeFileDurably(file, `${JSON.stringify(own)}\n`)
  }
  await anchorCluster(home, dataDirectory)
}

async function identify(path: string): Promise<z.infer<typeof ownerSchema>> {
  const { dev, ino } = await stat(path, { bigint: true })
  return { path, device: String(dev), inode: String(ino) }
}
