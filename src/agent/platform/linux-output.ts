import { randomBytes } from 'node:crypto'
import {
  closeSync,
  constants,
  openSync,
  readFileSync,
  readlinkSync,
  readSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import type { OutputEnd } from './platform.ts'

/**
 * A script prints into two named pipes, and two carriers copy what comes out to the files that are reported. Not straight into the files: a
 * script that opens `/dev/stdout` or `/proc/self/fd/2` by name opens what is behind it, and would truncate a file. A pipe has nothing to
 * truncate, and takes all writers in their order.
 *
 *   script ─► stdout.pipe ─► cat ─► stdout          The carriers outlive the agent and the supervisor, ignore the signals that a script sends
 *          └► stderr.pipe ─► cat ─► stderr          to its group, and end when no process holds the pipe any more.
 *
 * A daemon may hold a pipe for ever. Where the script's own output ends is shown by a mark (random bytes) that the agent writes into the
 * pipe after the script's end: everything before it belongs to the script, and the mark is cut off again.
 *
 * What a script costs, as a multiple of spawning `true` alone (250 in turns of 50, medians of one run on a busy machine):
 *
 *   1.06  output straight into files
 *   2.86  mkfifo, a shell with two carriers and the supervisor, each started by the agent
 *   2.13  the same with pipes in stock (linux-pipes.ts)
 *   1.70  pipes in stock, the supervisor forks the carriers, `setsid` before the script
 *   1.45  pipes in stock, the supervisor forks the carriers (this)
 *   1.30  the same with carriers that do not survive a full disk
 *
 * Starting a process is expensive for the agent, which copies the page tables of Node.js for each; a fork of the supervisor is not.
 * Carriers in the agent itself would lose what it had read and not written when it is killed.
 */
export const pipeStreams = ['stdout', 'stderr'] as const
export type PipeStream = (typeof pipeStreams)[number]

export const pipeOf = (directory: string, stream: PipeStream) => join(directory, `${stream}.pipe`)
const markOf = (directory: string) => join(directory, 'mark')

/**
 * For the supervisor, before it starts the script: 5 and 6 are the pipes, 7 and 8 the files. A carrier that cannot write (a full disk) loses
 * what it has read and tries again: the script is neither blocked for long nor ended by a broken pipe. Signals are ignored before the fork,
 * since the script may signal its group at once.
 */
export const startCarriers = `trap '' HUP INT QUIT TERM PIPE ALRM USR1 USR2
carry() { cd /; exec <&$1 >&$2 2>/dev/null 3>&- 4>&- 5<&- 6<&- 7>&- 8>&-; until cat; do sleep 1; done; }
carry 5 7 &
carry 6 8 &
exec 5<&- 6<&- 7>&- 8>&-
trap - PIPE`

/** Opens the pipes for a script: descriptors 3 to 8 of the supervisor, which are the caller's to close. */
export function openLinuxOutput(directory: string): number[] {
  const opened: number[] = []
  const partners: number[] = []
  const open = (path: string, flags: number | string, kept = opened) => {
    const file = openSync(path, flags, 0o600)
    kept.push(file)
    return file
  }
  try {
    const pipes = pipeStreams.map((stream) => {
      const pipe = pipeOf(directory, stream)
      // For both: only so it opens at once. Then each of the others finds its partner.
      open(pipe, constants.O_RDWR, partners)
      return { reader: open(pipe, constants.O_RDONLY), writer: open(pipe, constants.O_WRONLY) }
    })
    const files = pipeStreams.map((stream) => open(join(directory, stream), 'a'))
    return [...pipes.map(({ writer }) => writer), ...pipes.map(({ reader }) => reader), ...files]
  } catch (error) {
    for (const file of opened) closeSync(file)
    throw error
  } finally {
    for (const file of partners) closeSync(file)
  }
}

/** Whether a process of the agent's own user carries output: it reads from one of the pipes. */
export function isLinuxCarrier(pid: number): boolean {
  try {
    if (statSync(`/proc/${pid}`).uid !== process.geteuid?.()) return false
    const input = basename(readlinkSync(`/proc/${pid}/fd/0`)).replace(/ \(deleted\)$/, '')
    return pipeStreams.some((stream) => input === `${stream}.pipe`)
  } catch (error) {
    // Ended since it was listed, or not ours to look at: no carrier is.
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) return false
    throw error
  }
}

/** Carriers read at once; this long only a full disk or a daemon that floods its output keeps them. */
const patienceMs = 5_000
const firstPauseMs = 1
const longestPauseMs = 50

/** Once the script has ended: waits until all it printed is in its files, and tells where it ends there. */
export async function settleLinuxOutput(directory: string, wait: (ms: number) => Promise<void>): Promise<OutputEnd> {
  const mark = readMark(directory)
  const [stdout, stderr] = await Promise.all(pipeStreams.map((stream) => settle(directory, stream, mark, wait)))
  return { stdout: stdout ?? 0, stderr: stderr ?? 0 }
}

interface Mark {
  readonly bytes: Buffer
  /** An earlier life of the agent may have put it into the pipes. */
  readonly isOld: boolean
}

function readMark(directory: string): Mark {
  try {
    return { bytes: readFileSync(markOf(directory)), isOld: true }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  const bytes = Buffer.concat([Buffer.from('\0end-'), Buffer.from(randomBytes(16).toString('hex')), Buffer.from('\0')])
  try {
    // Before it goes into a pipe: an agent that is killed then must know what to cut off.
    writeFileSync(markOf(directory), bytes, { mode: 0o600, flag: 'wx' })
  } catch (error) {
    if (!['ENOSPC', 'EDQUOT', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
  }
  return { bytes, isOld: false }
}

async function settle(
  directory: string,
  stream: PipeStream,
  mark: Mark,
  wait: (ms: number) => Promise<void>,
): Promise<number> {
  const file = join(directory, stream)
  let from = mark.isOld ? 0 : sizeOf(file)
  let isPut = false
  let pauseMs = firstPauseMs
  /** The end of what the script printed, if the mark is there; it is cut off. */
  const cut = (): number | undefined => {
    const size = sizeOf(file)
    const place = findMark(file, mark.bytes, from, size)
    if (place === undefined) from = Math.max(from, size - mark.bytes.length)
    else truncateSync(file, place)
    return place
  }
  for (let waitedMs = 0; ; waitedMs += pauseMs) {
    const found = cut()
    if (found !== undefined) return found
    const pipe = openForMark(pipeOf(directory, stream))
    // The carrier has ended: it saw the end of all that was printed, and what it did last is in the file.
    if (pipe === undefined) return cut() ?? sizeOf(file)
    try {
      isPut ||= put(pipe, mark.bytes)
    } finally {
      closeSync(pipe)
    }
    if (waitedMs >= patienceMs) return sizeOf(file)
    await wait(pauseMs)
    pauseMs = Math.min(longestPauseMs, pauseMs * 2)
  }
}

/** Undefined if nobody reads from it. */
function openForMark(pipe: string): number | undefined {
  try {
    return openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK)
  } catch (error) {
    if (['ENXIO', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw error
  }
}

/** Whole or not at all, as pipes have it for so few bytes. False if the pipe is full. */
function put(pipe: number, bytes: Buffer): boolean {
  try {
    writeSync(pipe, bytes)
    return true
  } catch (error) {
    if (['EAGAIN', 'EPIPE'].includes((error as NodeJS.ErrnoException).code ?? '')) return false
    throw error
  }
}

const sizeOf = (path: string) => statSync(path, { throwIfNoEntry: false })?.size ?? 0

function findMark(path: string, mark: Buffer, from: number, to: number): number | undefined {
  if (to - from < mark.length) return undefined
  const file = openSync(path, 'r')
  try {
    const piece = Buffer.alloc(Math.min(256 * 1024, to - from))
    for (let at = from; at + mark.length <= to; at += piece.length - mark.length + 1) {
      const length = readSync(file, piece, 0, piece.length, at)
      const found = piece.subarray(0, length).indexOf(mark)
      if (found >= 0) return at + found
      if (length < piece.length) break
    }
    return undefined
  } finally {
    closeSync(file)
  }
}
