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
 * A script prints into two named pipes, and two carriers copy their content to the files that the
 * agent reports. Not directly into files: a script that opens `/dev/stdout` or `/proc/self/fd/2` by
 * name opens the underlying file, and could truncate it. A pipe cannot be truncated, and keeps the
 * order of all writers.
 *
 *   script ─► stdout.pipe ─► cat ─► stdout
 *          └► stderr.pipe ─► cat ─► stderr
 *
 * The carriers outlive the agent and the supervisor, ignore signals that a script sends to its
 * group, and end when no process holds the pipe any more.
 *
 * A daemon may hold a pipe forever. After the script's end, the agent writes a mark (random bytes)
 * into the pipe: everything before it belongs to the script, and the mark is cut off again.
 *
 * Cost of a script, as a multiple of spawning `true` alone (250 in turns of 50, medians of one run
 * on a busy machine):
 *
 * - 1.06: output straight into files
 * - 2.86: mkfifo, a shell with two carriers and the supervisor, each started by the agent
 * - 2.13: the same with pipes in stock (linux-pipes.ts)
 * - 1.70: pipes in stock, the supervisor forks the carriers, `setsid` before the script
 * - 1.45: pipes in stock, the supervisor forks the carriers (this)
 * - 1.30: the same with carriers that do not survive a full disk
 *
 * Starting a process is expensive for the agent, which copies the page tables of Node.js for each;
 * a fork of the supervisor is not. Carriers within the agent would lose the bytes that they have
 * read and not written when it is killed.
 */
export const pipeStreams = ['stdout', 'stderr'] as const
export type PipeStream = (typeof pipeStreams)[number]

export const pipeOf = (directory: string, stream: PipeStream) => join(directory, `${stream}.pipe`)
const markOf = (directory: string) => join(directory, 'mark')

/**
 * For the supervisor, before it starts the script: 5 and 6 are the pipes, 7 and 8 the files. A
 * carrier that cannot write (a full disk) loses what it has read and retries: the script neither
 * blocks for long nor gets a broken pipe. The shell ignores signals before the fork, since the
 * script may signal its group at once.
 */
export const startCarriers = `trap '' HUP INT QUIT TERM PIPE ALRM USR1 USR2
carry() { cd /; exec <&$1 >&$2 2>/dev/null 3>&- 4>&- 5<&- 6<&- 7>&- 8>&-; until cat; do sleep 1; done; }
carry 5 7 &
carry 6 8 &
exec 5<&- 6<&- 7>&- 8>&-
trap - PIPE`

/** Opens the pipes for a script: descriptors 3 to 8 of the supervisor, which the caller closes. */
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
      // For reading and writing: otherwise open would block. Then the other two find their peer.
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

/** Whether a process of the agent's own user is a carrier: it reads from one of the pipes. */
export function isLinuxCarrier(pid: number): boolean {
  try {
    if (statSync(`/proc/${pid}`).uid !== process.geteuid?.()) return false
    const input = basename(readlinkSync(`/proc/${pid}/fd/0`)).replace(/ \(deleted\)$/, '')
    return pipeStreams.some((stream) => input === `${stream}.pipe`)
  } catch (error) {
    // Ended since the listing, or not accessible: a carrier always is.
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) return false
    throw error
  }
}

/**
 * Carriers read immediately; only a full disk or a daemon that floods its output delays them this
 * long.
 */
const patienceMs = 5_000
const firstPauseMs = 1
const longestPauseMs = 50

/**
 * After the script's end: waits until all of its output is in its files, and returns the end
 * offsets.
 */
export async function settleLinuxOutput(directory: string, wait: (ms: number) => Promise<void>): Promise<OutputEnd> {
  const mark = readMark(directory)
  const [stdout, stderr] = await Promise.all(pipeStreams.map((stream) => settle(directory, stream, mark, wait)))
  return { stdout: stdout ?? 0, stderr: stderr ?? 0 }
}

interface Mark {
  readonly bytes: Buffer
  /** An earlier agent process may have written it into the pipes. */
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
    // Stored before it goes into a pipe: an agent that restarts must know what to cut off.
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
  /** The end of the script's output, if the mark is there; cuts the mark off. */
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
    // The carrier has ended: it copied all output before the end of file, so the file is complete.
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

/** Undefined if no process reads from it. */
function openForMark(pipe: string): number | undefined {
  try {
    return openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK)
  } catch (error) {
    if (['ENXIO', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw error
  }
}

/** Atomic, as pipes guarantee for so few bytes. False if the pipe is full. */
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
