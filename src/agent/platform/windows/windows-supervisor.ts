import { spawn } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, statSync, writeFileSync, writeSync } from 'node:fs'
import { uptime } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { isLocked } from '../../../lib/replace-file.ts'
import type {
  OutputEnd,
  ProcessEnd,
  SupervisedChild,
  SupervisedCommand,
  SupervisedState,
  TreeProcess,
} from '../platform.ts'
import { quoteArgument, renderCommandLine } from './command-line.ts'
import { askWindowsHost, parseHostList, readExitCode, windowsHost } from './windows-host.ts'

/** In place of a process id. */
const preventedClaim = 'prevented'
const abandonedClaim = 'abandoned'

/**
 * Files of a command's directory, written by `chandler-host supervise`:
 *
 * - `claim`: process id and uptime in ms of its start; it keeps the file open for itself, so that
 *   others cannot write to it while it runs
 * - `exit`: blanks, then the exit code, unsigned
 * - `stdout`, `stderr`: opened for appending by the command itself. (Windows has no name for the
 *   output of a process, by which a script could truncate it.)
 *
 * If the supervisor is killed, Windows ends its job, and with it the command.
 */
export function startWindowsSupervised({
  directory,
  argv,
  isVerbatim = false,
  workDir,
  environment,
}: SupervisedCommand): SupervisedChild {
  writeFileSync(join(directory, 'started'), '')
  const commandLine = isVerbatim ? argv.join(' ') : renderCommandLine(argv)
  const child = spawn(windowsHost, ['supervise', quoteArgument(directory), commandLine], {
    argv0: quoteArgument(windowsHost),
    cwd: workDir,
    env: { ...environment },
    detached: true,
    stdio: 'ignore',
    windowsHide: true,
    windowsVerbatimArguments: true,
  })
  child.unref()
  return {
    onExit(listener) {
      child.once('exit', (code) => listener(code === null ? undefined : readExitCode(code)))
      child.once('error', () => listener(undefined))
    },
  }
}

export function inspectWindowsSupervised(directory: string): SupervisedState {
  const ended = readEnd(directory)
  if (ended) return { state: 'ended', end: ended }
  const path = join(directory, 'claim')
  const claim = readWhole(path)
  if (claim === undefined) return { state: 'unclaimed' }
  if (claim === '') return { state: 'starting' }
  if (claim === preventedClaim) return { state: 'prevented' }
  const [pid = 0, startedMs = 0] = claim.split(' ').map(Number)
  if (pid > 0 && isHeld(path)) return { state: 'running', pid, ranMs: Math.max(0, uptime() * 1_000 - startedMs) }
  // It may have ended between the two checks.
  const end = readEnd(directory)
  return end ? { state: 'ended', end } : { state: 'gone' }
}

/** Whether another process keeps the file for itself. */
function isHeld(path: string): boolean {
  try {
    closeSync(openSync(path, 'r+'))
    return false
  } catch (error) {
    if (isLocked(error)) return true
    throw error
  }
}

export function preventWindowsSupervised(directory: string, mayHaveRun: boolean): boolean {
  try {
    if (mayHaveRun) mkdirSync(directory, { recursive: true })
    const claim = openSync(join(directory, 'claim'), 'wx')
    writeSync(claim, `${mayHaveRun ? abandonedClaim : preventedClaim}\n`)
    closeSync(claim)
    return true
  } catch (error) {
    // Also while the supervisor keeps it for itself.
    if ((error as NodeJS.ErrnoException).code === 'EEXIST' || isLocked(error)) return false
    throw error
  }
}

const firstPauseMs = 1
const longestPauseMs = 50

/** The supervisor flushes the claim itself. */
export async function keepWindowsClaim(directory: string, isOver: () => boolean): Promise<boolean> {
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(longestPauseMs, pauseMs * 2)) {
    const last = isOver()
    if (readWhole(join(directory, 'claim'))) return true
    if (last) return false
    await setTimeout(pauseMs)
  }
}

/** Its job ends with the supervisor: there is none without a claim that it keeps. */
export const hasWindowsClaim = (directory: string): boolean => Boolean(readWhole(join(directory, 'claim')))

export const wasWindowsStarted = (directory: string): boolean => existsSync(join(directory, 'started'))

/** The command wrote its output itself. */
export const settleWindowsOutput = (directory: string): Promise<OutputEnd> =>
  Promise.resolve({ stdout: sizeOf(join(directory, 'stdout')), stderr: sizeOf(join(directory, 'stderr')) })

const sizeOf = (path: string) => statSync(path, { throwIfNoEntry: false })?.size ?? 0

/** The processes of the job: every descendant of the command is in it. */
export const listWindowsTree = (supervisorPid: number): TreeProcess[] =>
  parseHostList(askWindowsHost('list', String(supervisorPid)) ?? '').map(({ pid, text }) => ({
    pid,
    identity: `${pid}@${text}`,
  }))

/** Windows has no signal that asks a process to end: both signals end the whole job at once. */
export const endWindowsTree = (supervisorPid: number): void => void askWindowsHost('kill', String(supervisorPid))

function readEnd(directory: string): ProcessEnd | undefined {
  const text = readWhole(join(directory, 'exit'))
  return text ? { kind: 'exit', code: readExitCode(Number(text)) } : undefined
}

/** The file's single line; undefined if the file does not exist; empty while it is incomplete. */
function readWhole(path: string): string | undefined {
  try {
    const text = readFileSync(path, 'latin1')
    return text.endsWith('\n') ? text.trim() : ''
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
