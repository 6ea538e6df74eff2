// A system user for the embedded PostgreSQL of a server that runs as root and is thrown away soon: the quickstart, tests and
// benchmarks. The machine's own user "chandler" is for its own server.
import { execFile } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'
import { readProcessIdentity } from '../src/lib/process-identity.ts'
import { listCreateCommands, listRemoveCommands } from '../src/server/embedded-postgres/user-commands.ts'

export interface TemporaryUser {
  readonly name: string
  /** After the last process of the user has ended. */
  remove(): Promise<void>
}

const prefix = 'chandler-tmp-'
/** One at a time changes the user database; who waits longer than this waits for something that hangs. */
const patienceMs = 20_000

/**
 * Makes a user that no other run has, and removes those of runs that were killed.
 * Undefined when this process is not root: PostgreSQL then runs as the same user.
 */
export async function createTemporaryUser(): Promise<TemporaryUser | undefined> {
  if (process.getuid?.() !== 0) return undefined
  await removeLeftUsers()
  const name = `${prefix}${randomBytes(5).toString('hex')}`
  await runAll(await listCreateCommands(name, await describeOwner(process.pid)))
  return { name, remove: () => removeOrLeave(name) }
}

/** A run that failed can leave a process of the user: its result is what counts, and the next run removes the user. */
async function removeOrLeave(name: string): Promise<void> {
  await removeUser(name).catch((error: Error) => {
    console.error(`the temporary user ${name} is left for the next run to remove: ${error.message}`)
  })
}

/** Says in the user database which process the user belongs to, so that any later run can tell whether that is gone. */
const describeOwner = async (pid: number): Promise<string> => {
  const identity = createHash('sha256').update(`${await readProcessIdentity(pid)}`)
  return `temporary user of process ${pid} ${identity.digest('hex').slice(0, 16)}`
}

async function removeLeftUsers(): Promise<void> {
  for (const line of (await readFile('/etc/passwd', 'utf8')).split('\n')) {
    const [name = '', , uid = '', , comment = ''] = line.split(':')
    const [, pid] = /^temporary user of process (\d+) /.exec(comment) ?? []
    if (!name.startsWith(prefix) || pid === undefined) continue
    if (comment === (await describeOwner(Number(pid)))) continue
    // Its PostgreSQL may still be on its way out: the next run removes the user then.
    if (!(await hasProcesses(Number(uid)))) await removeUser(name)
  }
}

async function hasProcesses(uid: number): Promise<boolean> {
  const pids = (await readdir('/proc').catch((): string[] => [])).filter((entry) => /^\d+$/.test(entry))
  const owners = await Promise.all(pids.map((pid) => stat(`/proc/${pid}`).catch(() => undefined)))
  return owners.some((owner) => owner?.uid === uid)
}

async function removeUser(name: string): Promise<void> {
  if (await isThere(name)) await runAll(await listRemoveCommands(name), async () => !(await isThere(name)))
}

const isThere = async (name: string) =>
  (await readFile('/etc/passwd', 'utf8')).split('\n').some((line) => line.startsWith(`${name}:`))

/** @param isDone whether another run has done meanwhile what a command that failed was for */
async function runAll(
  commands: readonly (readonly [string, ...string[]])[],
  isDone = () => Promise.resolve(false),
): Promise<void> {
  const deadline = performance.now() + patienceMs
  const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' }
  for (const [program, ...commandArguments] of commands) {
    for (;;) {
      try {
        await promisify(execFile)(program, commandArguments, { env })
        break
      } catch (error) {
        if (await isDone()) return
        // Another run or an administrator holds the lock of the user database, or a process is just ending.
        const isBusy = /cannot lock|try again|currently used/i.test((error as { stderr?: string }).stderr ?? '')
        if (!isBusy || performance.now() > deadline) throw error
        await wait(50 + Math.random() * 100)
      }
    }
  }
}
