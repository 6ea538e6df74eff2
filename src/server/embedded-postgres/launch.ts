import { type ChildProcessByStdio, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { promisify } from 'node:util'
import type { Logger } from '../../lib/logger.ts'
import { OperatorError } from '../../lib/operator-error.ts'
import type { DatabaseUser } from './database-user.ts'

/** Nothing of our own environment: PG* variables would change what PostgreSQL does, and secrets are none of its business. */
const environment = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', TZ: 'UTC' }

/** Starts programs of PostgreSQL so that they end with us, as the right user. */
export interface Launcher {
  start(
    program: string,
    commandArguments: readonly string[],
  ): Promise<ChildProcessByStdio<Writable, Readable, Readable>>
}

export async function createLauncher(user: DatabaseUser | undefined, log: Logger): Promise<Launcher> {
  const tie = await findTie(log)
  return {
    async start(program, commandArguments) {
      const [file = program, ...rest] = [...tie, program, ...commandArguments]
      const child = spawn(file, rest, {
        cwd: '/',
        env: environment,
        stdio: ['pipe', 'pipe', 'pipe'],
        // A session of its own: Ctrl-C in a terminal goes to us alone, and we end it when our work is written.
        detached: true,
        ...(user === undefined ? {} : { uid: user.uid, gid: user.gid }),
      })
      // Writing to a program that has ended already is not the news; its end is.
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
 * Linux can send a process a signal when its parent dies, however it dies; `setpriv` of util-linux asks for that.
 * INT is PostgreSQL's fast shutdown. (The kernel means the thread that started it: ours is the main thread.)
 */
async function findTie(log: Logger): Promise<string[]> {
  if (process.platform !== 'linux') return []
  const tie = ['--pdeathsig', 'INT', '--']
  try {
    await promisify(execFile)('setpriv', [...tie, 'true'], { env: environment })
    return ['setpriv', ...tie]
  } catch {
    log.warn(
      'setpriv (util-linux) is missing: if this server is killed, its PostgreSQL goes on until the next start ends it',
    )
    return []
  }
}
