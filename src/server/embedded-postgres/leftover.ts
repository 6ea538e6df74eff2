import { execFile } from 'node:child_process'
import { readdir, readFile, readlink, realpath, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import type { Clock } from '../../lib/clock.ts'
import type { Logger } from '../../lib/logger.ts'
import { OperatorError } from '../../lib/operator-error.ts'

/**
 * Time limit of each way to stop: fast shutdown writes a checkpoint, immediate shutdown and KILL
 * write nothing.
 */
const steps = [
  { signal: 'SIGINT', waitMs: 10_000 },
  { signal: 'SIGQUIT', waitMs: 3_000 },
  { signal: 'SIGKILL', waitMs: 5_000 },
] as const
/**
 * Backends notice within this time that their postmaster is gone, and exit, unless they are busy.
 */
const noticeMs = 500
const lookAgainMs = 10

/**
 * Ends processes that a killed server left running on this cluster: its postmaster, or backends
 * that outlived theirs. Two postmasters on one cluster would destroy it. Only postgres processes
 * that work in this folder are signalled. The caller holds the data directory's lock, so no running
 * server owns them.
 */
export async function endLeftover(cluster: string, clock: Clock, log: Logger): Promise<void> {
  const pidFile = join(cluster, 'postmaster.pid')
  const pid = await readPostmasterPid(pidFile)
  // A clean shutdown removes the file: no process can be left.
  if (pid === undefined) return
  const folder = await realpath(cluster)
  let running = await listProcesses(folder)
  if (running.length > 0)
    log.warn('ending the PostgreSQL that a killed server left running', { processes: running, cluster })
  for (const { signal, waitMs } of steps) {
    const isLed = running.includes(pid)
    // A postmaster ends its own backends.
    const targets = signal === 'SIGINT' ? running.filter((each) => each === pid) : running
    for (const target of targets) end(target, signal)
    const untilAt = clock.monotonicMs() + (signal === 'SIGINT' && !isLed ? noticeMs : waitMs)
    while (running.length > 0 && clock.monotonicMs() < untilAt) {
      await clock.wait(lookAgainMs)
      running = await listProcesses(folder)
    }
    if (running.length === 0) break
  }
  if (running.length > 0) {
    throw new OperatorError(
      `A PostgreSQL of an earlier start still runs on ${cluster} (processes ${running.join(', ')}) and does not end. End it and start again.`,
    )
  }
  // Another process may have its pid by now, which PostgreSQL would take for a running postmaster.
  // The check above found none.
  await rm(pidFile, { force: true })
}

function end(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    // The process has ended meanwhile.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

async function readPostmasterPid(file: string): Promise<number | undefined> {
  try {
    return Number.parseInt(await readFile(file, 'utf8'), 10)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/**
 * All postgres processes of the cluster, which have the folder as their working directory. The pid
 * file is not enough, because pids are reused.
 */
export async function listProcesses(folder: string): Promise<number[]> {
  if (process.platform !== 'linux') return listPostmasters(folder)
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const belongs = await Promise.all(pids.map((pid) => isPostgresIn(folder, pid)))
  return pids.filter((_, index) => belongs[index]).map(Number)
}

async function isPostgresIn(folder: string, pid: string): Promise<boolean> {
  try {
    if ((await readlink(`/proc/${pid}/cwd`)) !== folder) return false
    // The kernel appends this mark if the program's file was replaced or removed.
    return basename((await readlink(`/proc/${pid}/exe`)).replace(/ \(deleted\)$/, '')) === 'postgres'
  } catch {
    // The process has ended, or is a kernel thread or another user's; none of these is a postgres
    // that we started.
    return false
  }
}

/**
 * For systems without /proc: searches command lines, which contain the folder only for a
 * postmaster.
 */
async function listPostmasters(folder: string): Promise<number[]> {
  const { stdout } = await promisify(execFile)('ps', ['-axww', '-o', 'pid=,command='], { maxBuffer: 64 * 1024 * 1024 })
  return stdout
    .split('\n')
    .filter((line) => line.includes('/bin/postgres ') && line.includes(` -D ${folder} `))
    .map((line) => Number.parseInt(line, 10))
}
