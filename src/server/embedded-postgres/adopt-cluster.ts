import { execFile } from 'node:child_process'
import { stat } from 'node:fs/promises'
import { promisify } from 'node:util'
import type { Clock } from '../../lib/clock.ts'
import type { Logger } from '../../lib/logger.ts'
import type { DatabaseUser } from './database-user.ts'
import { endLeftover } from './leftover.ts'

/**
 * Gives a cluster to the user that PostgreSQL runs as now: earlier releases ran it as `nobody`, a restored copy can have the
 * user id of another machine. The walk is left to `chown`, which follows no link and cannot be misled by a process of the
 * former user that exchanges folders meanwhile.
 */
export async function adoptCluster(
  cluster: string,
  user: DatabaseUser | undefined,
  { clock, log }: { clock: Clock; log: Logger },
): Promise<void> {
  if (user === undefined) return
  const { uid, gid } = await stat(cluster)
  if (uid === user.uid && gid === user.gid) return
  await endLeftover(cluster, clock, log)
  await promisify(execFile)('chown', ['-R', '-h', '-P', '--', `${user.uid}:${user.gid}`, cluster])
  log.info('the database was given to the user that PostgreSQL runs as', { cluster, user: user.name, formerUid: uid })
}
