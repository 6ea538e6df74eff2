import { randomBytes } from 'node:crypto'
import { chmod, link, mkdir, readdir, readFile, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { OperatorError } from '../../lib/operator-error.ts'
import { hasFileModes } from '../platform/file-modes.ts'
import type { Platform } from '../platform/platform.ts'

/**
 * Other users may enter the directory, because scripts that run as another user need access to
 * their workspace in it, but may neither list nor change it. Files with secrets have mode 0600.
 */
const directoryMode = 0o711

type Processes = Pick<Platform, 'identifyProcess'>

/**
 * Locks the state directory of the agent for this process until `release`. If another agent holds
 * the lock, the error contains its process id.
 */
export async function openStateDirectory(path: string, processes: Processes): Promise<{ release(): Promise<void> }> {
  await prepare(path)
  const lockPath = join(path, 'agent.lock')
  const content = lockOf(process.pid, processes.identifyProcess(process.pid) ?? '')
  while (!(await create(lockPath, content))) {
    const found = await readLock(lockPath).catch(() => undefined)
    if (found === undefined) continue
    assertStale(found, path, processes)
    await removeStale(lockPath, content, processes)
  }
  return {
    async release() {
      if ((await readLock(lockPath).catch(() => '')) === content) await rm(lockPath, { force: true })
    },
  }
}

/**
 * The process that holds a state directory; undefined if none does. Rejects with the error of the file system if this
 * user cannot read the lock.
 */
export async function findStateHolder(path: string, processes: Processes): Promise<number | undefined> {
  const lock = await readLock(join(path, 'agent.lock')).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
    throw error
  })
  return lock === undefined ? undefined : liveHolder(lock, processes)
}

async function prepare(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: directoryMode })
    if (!hasFileModes || ((await stat(path)).mode & 0o066) === 0) return
    const names = await readdir(path)
    if (names.length > 0 && !names.includes('identity.json') && !names.includes('agent.lock'))
      throw new OperatorError(
        `${path} is accessible to other users and contains files that are not the agent's; set --state to a dedicated directory`,
      )
    await chmod(path, directoryMode)
  } catch (error) {
    if (error instanceof OperatorError || isFull(error)) throw error
    throw new OperatorError(
      `cannot use ${path} as the state directory: ${(error as Error).message}; choose one this user can write to with --state`,
    )
  }
}

const lockOf = (pid: number, identity: string) => JSON.stringify({ pid, identity })

const isFull = (error: unknown) => ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '')

/**
 * Creates the lock with its content atomically; false if a lock exists. On a full disk the lock is a
 * dangling symbolic link: its target, the identity (which begins with the process id), is stored in
 * the inode, so that the agent can start and send its reports.
 */
async function create(lockPath: string, content: string): Promise<boolean> {
  const draft = `${lockPath}.${randomBytes(6).toString('hex')}`
  try {
    await writeFile(draft, content, { mode: 0o600, flag: 'wx' })
    await link(draft, lockPath)
    return true
  } catch (error) {
    if (isFull(error)) return await createWithoutSpace(lockPath, content)
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return false
  } finally {
    await rm(draft, { force: true })
  }
}

async function createWithoutSpace(lockPath: string, content: string): Promise<boolean> {
  try {
    await symlink((JSON.parse(content) as { identity: string }).identity, lockPath)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return false
  }
}

async function readLock(path: string): Promise<string> {
  try {
    const identity = await readlink(path)
    return lockOf(Number.parseInt(identity, 10), identity)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EINVAL') throw error
    return readFile(path, 'utf8')
  }
}

function assertStale(content: string, path: string, processes: Processes): void {
  const holder = liveHolder(content, processes)
  if (holder === undefined) return
  throw new OperatorError(
    `another agent (process ${holder}) uses the state directory ${path}; stop it first, or use a dedicated directory with --state`,
  )
}

/**
 * The process that holds the lock, if it is running. The identity is compared because another
 * process may have the same id now.
 */
function liveHolder(content: string, processes: Processes): number | undefined {
  try {
    const { pid, identity } = JSON.parse(content) as { pid: unknown; identity: unknown }
    if (typeof pid !== 'number' || typeof identity !== 'string' || identity === '') return undefined
    return processes.identifyProcess(pid) === identity ? pid : undefined
  } catch {
    // Not a complete lock, such as a file that was truncated by a power failure.
    return undefined
  }
}

/**
 * Two agents may find the same stale lock, and the second must not remove the new lock of the
 * first: only one of them removes it at a time, after it has read the lock again.
 */
async function removeStale(lockPath: string, own: string, processes: Processes): Promise<void> {
  const turnPath = `${lockPath}.takeover`
  if (!(await create(turnPath, own))) {
    const turn = await readLock(turnPath).catch(() => undefined)
    if (turn === undefined) return
    assertStale(turn, dirname(lockPath), processes)
    return rm(turnPath, { force: true })
  }
  const found = await readLock(lockPath).catch(() => '')
  if (liveHolder(found, processes) === undefined) await rm(lockPath, { force: true })
  await rm(turnPath, { force: true })
}
