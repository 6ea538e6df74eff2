import { execFile } from 'node:child_process'
import { stat } from 'node:fs/promises'
import { promisify } from 'node:util'
import type { Clock } from '../../lib/clock.ts'
import type { Logger } from '../../lib/logger.ts'
import type { DatabaseUser } from './database-user.ts'
import { endLeftover } from './leftover.ts'

/**
 * Changes the owner of a cluster to the user that PostgreSQL runs as: earlier releases ran it as
 * `nobody`, and a restored copy can have the user id of another machine. `chown` walks the tree,
 * because it follows no links and cannot be misled by a process of the former user that exchanges
 * folders during the walk.
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
  log.info('the owner of the database was changed to the user that PostgreSQL runs as', {
    cluster,
    user: user.name,
    formerUid: uid,
  })
}
