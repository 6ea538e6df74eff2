import { execFile } from 'node:child_process'
import { readdir, readFile, readlink, realpath, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import type { Clock } from '../../lib/clock.ts'
import type { Logger } from '../../lib/logger.ts'
import { OperatorError } from '../../lib/operator-error.ts'

/** How long each way of ending is given: fast shutdown writes a checkpoint, immediate shutdown and KILL write nothing. */
const steps = [
  { signal: 'SIGINT', waitMs: 10_000 },
  { signal: 'SIGQUIT', waitMs: 3_000 },
  { signal: 'SIGKILL', waitMs: 5_000 },
] as const
/** Backends whose postmaster is gone notice that and end, unless they are busy. */
const noticeMs = 500
const lookAgainMs = 10

/**
 * Ends what a killed server left running on this cluster: its postmaster, or backends that outlived theirs. Two
 * postmasters on one cluster would destroy it. No process is signalled that is not a postgres working in this folder.
 * The caller holds the data directory's lock, so no living server owns them.
 */
export async function endLeftover(cluster: string, clock: Clock, log: Logger): Promise<void> {
  const pidFile = join(cluster, 'postmaster.pid')
  const pid = await readPostmasterPid(pidFile)
  // A clean end removes the file: nothing is left, and nothing needs to be looked for.
  if (pid === undefined) return
  const folder = await realpath(cluster)
  let running = await listProcesses(folder)
  if (running.length > 0)
    log.warn('ending the PostgreSQL that a killed server left running', { processes: running, cluster })
  for (const { signal, waitMs } of steps) {
    const isLed = running.includes(pid)
    // A postmaster ends its backends itself.
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
  // Its pid may belong to another process by now, which PostgreSQL would take for a living postmaster. None is left: see above.
  await rm(pidFile, { force: true })
}

function end(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    // It ended in the meantime.
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

/** All postgres processes of the cluster: each has it as its working directory, and nobody can choose a pid. */
export async function listProcesses(folder: string): Promise<number[]> {
  if (process.platform !== 'linux') return listPostmasters(folder)
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const belongs = await Promise.all(pids.map((pid) => isPostgresIn(folder, pid)))
  return pids.filter((_, index) => belongs[index]).map(Number)
}

async function isPostgresIn(folder: string, pid: string): Promise<boolean> {
  try {
    if ((await readlink(`/proc/${pid}/cwd`)) !== folder) return false
    // The kernel marks a program whose file was replaced or removed since.
    return basename((await readlink(`/proc/${pid}/exe`)).replace(/ \(deleted\)$/, '')) === 'postgres'
  } catch {
    // Ended meanwhile, a kernel thread, or another user's, which cannot be a postgres that we started.
    return false
  }
}

/** Where there is no /proc: by command line, which only a postmaster shows in full. */
async function listPostmasters(folder: string): Promise<number[]> {
  const { stdout } = await promisify(execFile)('ps', ['-axww', '-o', 'pid=,command='], { maxBuffer: 64 * 1024 * 1024 })
  return stdout
    .split('\n')
    .filter((line) => line.includes('/bin/postgres ') && line.includes(` -D ${folder} `))
    .map((line) => Number.parseInt(line, 10))
}
