import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { readdir, readlink } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { TreeProcess } from './platform.ts'

export interface LinuxProcess {
  readonly pid: number
  readonly ppid: number
  readonly group: number
  readonly session: number
  /** In clock ticks since boot. */
  readonly startTicks: number
  readonly state: string
}

/**
 * USER_HZ: the unit of /proc, 100 on every architecture that this agent supports, whatever the
 * kernel's own rate.
 */
const ticksPerSecond = 100

/** proc_pid_stat(5); undefined if the process does not exist (any more). */
export function readProcess(pid: number): LinuxProcess | undefined {
  const stat = readProcFile(`/proc/${pid}/stat`)
  if (stat === undefined) return undefined
  // The name is in parentheses and may contain any characters, parentheses included: the fields
  // after the last one are unambiguous.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const at = (index: number) => Number(fields[index])
  return { pid, state: fields[0] ?? '', ppid: at(1), group: at(2), session: at(3), startTicks: at(19) }
}

/** How long a process has run by the machine's monotonic clock. */
export const ranMsOf = ({ startTicks }: LinuxProcess): number => {
  const uptimeSeconds = Number(readFileSync('/proc/uptime', 'latin1').split(' ')[0])
  return Math.max(0, uptimeSeconds * 1000 - (startTicks / ticksPerSecond) * 1000)
}

export const identityOf = (process: LinuxProcess) => `${process.pid}@${process.startTicks}`

/** The arguments of a process; empty for a zombie. */
export const readArguments = (pid: number): string[] => readProcFile(`/proc/${pid}/cmdline`)?.split('\0') ?? []

/**
 * The initial environment of the process, `NAME=value` each; empty if not accessible. Bytes as
 * latin1.
 */
export const readEnvironment = (pid: number): string[] => readProcFile(`/proc/${pid}/environ`)?.split('\0') ?? []

const listPids = () => readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name))

/**
 * Session, process group and descendants of the supervisor, without itself; also the descendants of
 * previously known members.
 */
export function listProcessTree(supervisorPid: number, known: ReadonlySet<string>): TreeProcess[] {
  const all = listPids().flatMap((pid) => readProcess(Number(pid)) ?? [])
  const members = new Map<number, LinuxProcess>()
  const childrenOf = Map.groupBy(all, ({ ppid }) => ppid)
  const include = (process: LinuxProcess) => {
    if (members.has(process.pid) || process.pid === supervisorPid) return
    members.set(process.pid, process)
    childrenOf.get(process.pid)?.forEach(include)
  }
  for (const process of all) {
    const belongs =
      process.session === supervisorPid || process.group === supervisorPid || process.ppid === supervisorPid
    if (belongs || known.has(identityOf(process))) include(process)
  }
  return [...members.values()]
    .filter(({ state }) => state !== 'Z' && state !== 'X')
    .map((process) => ({ pid: process.pid, identity: identityOf(process) }))
}

export function signalProcesses(processes: readonly TreeProcess[], signal: NodeJS.Signals): void {
  for (const { pid, identity } of processes) {
    const process_ = readProcess(pid)
    if (process_ === undefined || identityOf(process_) !== identity) continue
    try {
      process.kill(pid, signal)
    } catch (error) {
      // Ended since the listing, or of another user (a set-uid program): the next scan finds out.
      if (!['ESRCH', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
    }
  }
}

/**
 * The session leader that was started under a name of our own (`sh -c … NAME`) with this argument;
 * its forks have the same arguments.
 */
export const findLeaderByArgument = (name: string, argument: string): number | undefined =>
  listPids()
    .map(Number)
    .find((pid) => {
      const all = readArguments(pid)
      return all.includes(name) && all.includes(argument) && readProcess(pid)?.session === pid
    })

export function findProcessesByName(name: string): number[] {
  return listPids()
    .map(Number)
    .filter((pid) => {
      const process = readProcess(pid)
      return process !== undefined && !['Z', 'X'].includes(process.state) && namesOf(pid).includes(name)
    })
}

function namesOf(pid: number): string[] {
  const comm = readProcFile(`/proc/${pid}/comm`)?.trimEnd()
  const program = readArguments(pid)[0]
  const names = [comm, program, program && basename(program)]
  try {
    const exe = readlinkSync(`/proc/${pid}/exe`).replace(/ \(deleted\)$/, '')
    names.push(exe, basename(exe))
  } catch {
    // A kernel thread, another user's process, or gone: only the names above are known.
  }
  return names.filter((name) => name !== undefined)
}

/** Scans every open file of every process: for rare use. */
export async function findOpenPaths(paths: readonly string[]): Promise<Set<string>> {
  const wanted = new Set(paths)
  const open = new Set<string>()
  for (const pid of listPids()) {
    const folder = join('/proc', pid, 'fd')
    // A process that ends during the scan, or that is not accessible, contributes nothing.
    const names = await readdir(folder).catch(() => [])
    for (const name of names) {
      const target = await readlink(join(folder, name)).catch(() => '')
      if (wanted.has(target)) open.add(target)
    }
  }
  return open
}

function readProcFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1')
  } catch (error) {
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw error
  }
}
