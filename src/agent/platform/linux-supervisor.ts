import { type ChildProcess, spawn } from 'node:child_process'
import {
  closeSync,
  existsSync,
  fsync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { promisify } from 'node:util'
import { syncDirectory } from '../../lib/write-file-durably.ts'
import { isLinuxCarrier, openLinuxOutput, startCarriers } from './linux-output.ts'
import {
  findLeaderByArgument,
  listProcessTree,
  ranMsOf,
  readArguments,
  readEnvironment,
  readProcess,
} from './linux-processes.ts'
import type { ProcessEnd, SupervisedChild, SupervisedCommand, SupervisedState, TreeProcess } from './platform.ts'

/**
 * The supervisor: the smallest process that can outlive the agent and still report how the script
 * ended. It runs in a session of its own.
 *
 * - `claim` is created with O_EXCL and contains the supervisor's process id: the first to create
 *   it, supervisor or restarted agent, decides whether the script ever runs. It is complete when it
 *   ends in a newline. (One small write; no other program is started for it.) A restarted agent that
 *   finds a supervisor without a claim cannot know whether the claim was lost or comes next: it
 *   writes the claim with the supervisor's id, and the supervisor accepts it.
 * - `exit` is preallocated at its final length, so that an exit code can be written even if the
 *   disk is full by then.
 * - Signals are handled instead of ignored: the supervisor survives the TERM of its group, and the
 *   script does not inherit ignored signals.
 * - The script runs in the foreground: in the background a shell would make it ignore INT and QUIT.
 * - The supervisor's own stdout and stderr are `notes`, where a shell writes "Killed" and similar
 *   messages; the script's are 3 and 4. The redirection happens in the child: otherwise dash would
 *   redirect itself as well, and write its messages into the script's output.
 * - It forks the carriers of the script's output (linux-output.ts). They belong to its session, and
 *   are never part of the tree that is ended with a script.
 */
export const supervisorScript = `umask 022
directory=$1
shift
${startCarriers}
trap : HUP INT QUIT TERM ALRM USR1 USR2
set -C
{ printf '%s\\n' "$$" > "$directory/claim"; } 2>/dev/null ||
  { read -r owner < "$directory/claim" && [ "$owner" = "$$" ]; } || exit 125
set +C
(exec "$@" >&3 2>&4 3>&- 4>&-)
code=$?
printf '%03d\\n' "$code" 1<> "$directory/exit"
exit "$code"`

/** Content of `exit` until the code is known: three digits and a newline. */
const noExitYet = 'run\n'

/** In place of a process id. */
const preventedClaim = 'prevented'
const abandonedClaim = 'abandoned'

const supervisorName = 'chandler-supervisor'

export function startLinuxSupervised(command: SupervisedCommand): SupervisedChild {
  const { directory, user } = command
  writeFileSync(join(directory, 'exit'), noExitYet, { mode: 0o600 })
  const output = openLinuxOutput(directory)
  let notes: number | undefined
  let child: ChildProcess
  try {
    notes = openSync(join(directory, 'notes'), 'a', 0o600)
    child = spawn(
      '/bin/sh',
      ['-c', supervisorScript, supervisorName, directory, ...(user ? asUser(user.uid, user.gid) : []), ...command.argv],
      {
        cwd: command.workDir,
        env: { ...command.environment },
        detached: true,
        stdio: ['ignore', notes, notes, ...output],
      },
    )
  } finally {
    for (const file of [notes, ...output]) if (file !== undefined) closeSync(file)
  }
  child.unref()
  return {
    onExit(listener) {
      child.once('exit', (code) => listener(code ?? undefined))
      child.once('error', () => listener(undefined))
    },
  }
}

/** With the user's own groups, and without a way back to root. */
const asUser = (uid: number, gid: number) => [
  'setpriv',
  `--reuid=${uid}`,
  `--regid=${gid}`,
  '--init-groups',
  '--inh-caps=-all',
  '--',
]

export function inspectLinuxSupervised(directory: string): SupervisedState {
  const ended = readEnd(directory)
  if (ended) return { state: 'ended', end: ended }
  const claim = readWhole(join(directory, 'claim'))
  if (claim === undefined) return { state: 'unclaimed' }
  if (claim === '') return { state: 'starting' }
  if (claim === preventedClaim) return { state: 'prevented' }
  const pid = Number(claim)
  // The directory among its arguments proves that the process is the supervisor and not another
  // process with a reused id.
  if (pid > 0 && readArguments(pid).includes(directory)) {
    const process = readProcess(pid)
    if (process) return { state: 'running', pid, ranMs: ranMsOf(process) }
  }
  // It may have ended between the two checks.
  const end = readEnd(directory)
  return end ? { state: 'ended', end } : { state: 'gone' }
}

/** The script and its processes; the carriers end by themselves when no process prints any more. */
export const listLinuxTree = (supervisorPid: number, known: ReadonlySet<string>): TreeProcess[] =>
  listProcessTree(supervisorPid, known).filter(({ pid }) => !isLinuxCarrier(pid))

export function findLinuxOrphans(directory: string, variable: string): number | undefined {
  const session = Number(readWhole(join(directory, 'claim')))
  if (!(session > 0)) return undefined
  const left = listLinuxTree(session, new Set())
  return left.some(({ pid }) => readEnvironment(pid).includes(Buffer.from(variable).toString('latin1')))
    ? session
    : undefined
}

export function preventLinuxSupervised(directory: string, mayHaveRun: boolean): boolean {
  try {
    // The directory may be lost, too.
    if (mayHaveRun) mkdirSync(directory, { recursive: true, mode: 0o700 })
    const claim = openSync(join(directory, 'claim'), 'wx', 0o600)
    writeSync(claim, `${mayHaveRun ? abandonedClaim : preventedClaim}\n`)
    closeSync(claim)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

const flush = promisify(fsync)
const firstPauseMs = 1
const longestPauseMs = 50

export async function keepLinuxClaim(directory: string, isOver: () => boolean): Promise<boolean> {
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(longestPauseMs, pauseMs * 2)) {
    const last = isOver()
    const claim = readWhole(join(directory, 'claim'))
    if (claim) break
    if (last) return false
    await setTimeout(pauseMs)
  }
  const file = openSync(join(directory, 'claim'), 'r')
  try {
    // The two syncs share one commit of the file system.
    await Promise.all([flush(file), syncDirectory(directory), syncDirectory(dirname(directory))])
  } finally {
    closeSync(file)
  }
  return true
}

export function restoreLinuxClaim(directory: string): boolean {
  const claim = join(directory, 'claim')
  const pid = findLeaderByArgument(supervisorName, directory)
  // A supervisor may have claimed, or have claimed and ended, since the caller looked.
  if (pid === undefined) return Boolean(readWhole(claim))
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const complete = join(directory, 'claim.restored')
  writeFileSync(complete, `${pid}\n`, { mode: 0o600 })
  try {
    // The supervisor may look at any moment: the claim appears with its content, and replaces none.
    linkSync(complete, claim)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    rmSync(complete)
  }
  return true
}

/** Opened just before its sync. */
export const wasLinuxStarted = (directory: string): boolean => existsSync(join(directory, 'notes'))

const signalNames = new Map(
  Object.entries(constants.signals).map(([name, number]) => [number, name.replace(/^SIG/, '')]),
)

function readEnd(directory: string): ProcessEnd | undefined {
  const text = readWhole(join(directory, 'exit'))
  if (!text || text === noExitYet.trim()) return undefined
  const code = Number(text)
  const signal = code > 128 ? signalNames.get(code - 128) : undefined
  if (signal === undefined) return { kind: 'exit', code }
  // A shell returns 128 + n for a signal, and a script may exit with the same number. Shells print
  // a message about the death of their own child (except for INT and PIPE).
  const noted = (readText(join(directory, 'notes')) ?? '').trim() !== ''
  return noted ? { kind: 'signal', signal } : { kind: 'exit', code, likeSignal: signal }
}

/** The file's single line; undefined if the file does not exist; empty while it is incomplete. */
function readWhole(path: string): string | undefined {
  const text = readText(path)
  if (text === undefined) return undefined
  return text.endsWith('\n') ? text.trim() : ''
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
