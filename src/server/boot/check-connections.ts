import type { Logger } from '../../lib/logger.ts'
import { OperatorError } from '../../lib/operator-error.ts'
import type { Database } from '../../store/database/database.ts'
import { countAcceptedConnections, countLiveServers } from '../../store/server/servers.ts'

/** Besides its pool, a server has one connection for notifications and one for locks. */
const ownConnections = 2
/** An administrator and a backup must be able to connect. */
const spareConnections = 3

/** The connections that PostgreSQL accepts, and those that servers need. */
export interface ConnectionNeeds {
  readonly accepted: number
  /** Size of the pool of each server. */
  readonly pool: number
  /** Other servers of the database. */
  readonly otherServers: number
}

/** A problem with the number of connections: this server cannot work, or all together cannot. */
export function findConnectionProblem({
  accepted,
  pool,
  otherServers,
}: ConnectionNeeds): { readonly isFatal: boolean; readonly text: string } | undefined {
  const each = pool + ownConnections
  const remedy = 'Raise max_connections of PostgreSQL, or lower databaseConnections (CHANDLER_DATABASE_CONNECTIONS)'
  if (each > accepted)
    return {
      isFatal: true,
      text: `This server opens up to ${each} connections, but PostgreSQL accepts ${accepted}. ${remedy}.`,
    }
  const servers = otherServers + 1
  if (servers * each + spareConnections <= accepted) return undefined
  return {
    isFatal: false,
    text: `${servers} servers with up to ${each} connections each need ${servers * each}, and ${spareConnections} are for administrators, but PostgreSQL accepts ${accepted}. ${remedy} of every server.`,
  }
}

/**
 * Compares the connections that servers need with those that PostgreSQL accepts, before this server
 * joins the others. Logs a warning if they do not suffice for all servers: one that was killed counts
 * for a while.
 * @throws OperatorError if they do not suffice for this server
 */
export async function checkConnections(database: Database, pool: number, log: Logger): Promise<void> {
  const [accepted, otherServers] = await Promise.all([countAcceptedConnections(database), countLiveServers(database)])
  const problem = findConnectionProblem({ accepted, pool, otherServers })
  if (problem?.isFatal) throw new OperatorError(problem.text)
  if (problem !== undefined) log.warn(problem.text)
}
