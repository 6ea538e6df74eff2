import { type ChildProcessByStdio, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { promisify } from 'node:util'
import type { Logger } from '../../lib/logger.ts'
import { OperatorError } from '../../lib/operator-error.ts'
import type { DatabaseUser } from './database-user.ts'

/**
 * PostgreSQL inherits nothing of the server's environment: PG* variables would change its
 * behaviour, and secrets must not leak to it.
 */
const environment = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', TZ: 'UTC' }

/** Starts programs of PostgreSQL as the right user, so that they end with this process. */
export interface Launcher {
  start(
    program: string,
    commandArguments: readonly string[],
  ): Promise<ChildProcessByStdio<Writable, Readable, Readable>>
}

/** Creates a launcher that starts programs as this user, or as the current one. */
export async function createLauncher(user: DatabaseUser | undefined, log: Logger): Promise<Launcher> {
  const tie = await findTie(log)
  return {
    async start(program, commandArguments) {
      const [file = program, ...rest] = [...tie, program, ...commandArguments]
      const child = spawn(file, rest, {
        cwd: '/',
        env: environment,
        stdio: ['pipe', 'pipe', 'pipe'],
        // A separate session: Ctrl-C in a terminal reaches only the server, which stops PostgreSQL
        // after its own writes.
        detached: true,
        ...(user === undefined ? {} : { uid: user.uid, gid: user.gid }),
      })
      // A write to a program that has already ended fails; the exit event reports the actual
      // problem.
      child.stdin.on('error', () => {})
      try {
        await once(child, 'spawn')
      } catch (error) {
        throw new OperatorError(
          `${program} cannot be started${user === undefined ? '' : ` as user ${user.name}`}: ${(error as Error).message}. Set DATABASE_URL to use a PostgreSQL of your own.`,
        )
      }
      return child
    },
  }
}

/**
 * Linux can signal a process when its parent dies for any reason; `setpriv` of util-linux requests
 * that. INT is PostgreSQL's fast shutdown. (The kernel means the parent thread, which is our main
 * thread.)
 */
async function findTie(log: Logger): Promise<string[]> {
  if (process.platform !== 'linux') return []
  const tie = ['--pdeathsig', 'INT', '--']
  try {
    await promisify(execFile)('setpriv', [...tie, 'true'], { env: environment })
    return ['setpriv', ...tie]
  } catch {
    log.warn(
      'setpriv (util-linux) is missing: if this server is killed, its PostgreSQL keeps running until the next start ends it',
    )
    return []
  }
}
