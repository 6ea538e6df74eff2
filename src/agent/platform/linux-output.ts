import { execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  chownSync,
  closeSync,
  constants,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { OsUser, OutputEnd } from './platform.ts'

/**
 * A script prints into two named pipes, and two `cat`s carry what comes out to the files that are reported. Not straight into the files: a
 * script that opens `/dev/stdout` or `/proc/self/fd/2` by name opens what is behind it, and would cut a file to nothing. A pipe has nothing to
 * cut, and takes all writers in their order.
 *
 *   script ─► stdout.pipe ─► cat ─► stdout          The carriers belong to no script and no agent: they go on when the agent is killed, do not
 *          └► stderr.pipe ─► cat ─► stderr          hear the signals a script sends to its group, and end when nobody holds the pipe any more.
 *
 * A daemon may hold a pipe for ever. What was printed before the script's end is told by a mark (random bytes) that the agent puts into the
 * pipe then: everything before it belongs to the script, and the mark is cut off again.
 */
const streams = ['stdout', 'stderr'] as const
type Stream = (typeof streams)[number]

const run = promisify(execFile)
const pipeOf = (directory: string, stream: Stream) => join(directory, `${stream}.pipe`)
const markOf = (directory: string) => join(directory, 'mark')

/**
 * The script's user may open them by name, and so may users that the script becomes: whoever inherits a descriptor may write. Nobody reaches
 * them by their path, in a directory of the agent's.
 */
const pipeMode = '622'

/** Makes the pipes of a script that is about to be started. */
export async function prepareLinuxOutput(directory: string, user: OsUser | undefined): Promise<void> {
  const pipes = streams.map((stream) => pipeOf(directory, stream))
  for (const pipe of pipes) rmSync(pipe, { force: true })
  try {
    await run('mkfifo', ['-m', pipeMode, '--', ...pipes], { env: { PATH: process.env['PATH'], LC_ALL: 'C' } })
  } catch (error) {
    const { stderr = '' } = error as { stderr?: string }
    if (!stderr.includes('No space left')) throw error
    throw Object.assign(new Error(stderr.trim()), { code: 'ENOSPC', path: directory })
  }
  if (user) for (const pipe of pipes) chownSync(pipe, user.uid, user.gid)
}

/**
 * A carrier that cannot write (a full disk) loses what it has read and tries again: the script is neither held up for long nor ended by a
 * broken pipe. 3 and 4 are the pipes, 5 and 6 the files.
 */
const carrierScript = `trap '' HUP INT QUIT TERM PIPE ALRM USR1 USR2
carry() { until cat; do sleep 1; done; }
carry <&3 >&5 3<&- 4<&- 5>&- 6>&- &
exec 3<&- 5>&-
carry <&4 >&6 4<&- 6>&-`

/** Opens the pipes for a script, with carriers behind them. The descriptors are the caller's to close. */
export function openLinuxOutput(directory: string): Record<Stream, number> {
  const opened: number[] = []
  const keep = (file: number) => {
    opened.push(file)
    return file
  }
  const writers: number[] = []
  try {
    const readers: number[] = []
    for (const stream of streams) {
      const pipe = pipeOf(directory, stream)
      // For both: only so it opens at once. Then each of the others finds its partner.
      keep(openSync(pipe, constants.O_RDWR))
      readers.push(keep(openSync(pipe, constants.O_RDONLY)))
      writers.push(openSync(pipe, constants.O_WRONLY))
    }
    const files = streams.map((stream) => keep(openSync(join(directory, stream), 'a', 0o600)))
    const carrier = spawn('/bin/sh', ['-c', carrierScript, 'chandler-output'], {
      cwd: '/',
      env: { PATH: process.env['PATH'] },
      detached: true,
      stdio: ['ignore', 'ignore', 'ignore', ...readers, ...files],
    })
    let failure: Error | undefined
    carrier.once('error', (error) => (failure = error))
    if (carrier.pid === undefined) throw failure ?? new Error('the system started no process for the output')
    carrier.unref()
    const [stdout = -1, stderr = -1] = writers
    return { stdout, stderr }
  } catch (error) {
    for (const file of writers) closeSync(file)
    throw error
  } finally {
    for (const file of opened) closeSync(file)
  }
}

/** Carriers read at once; this long only a full disk or a daemon that floods its output keeps them. */
const patienceMs = 5_000
const firstPauseMs = 1
const longestPauseMs = 50

/** Once the script has ended: waits until all it printed is in its files, and tells where it ends there. */
export async function settleLinuxOutput(directory: string, wait: (ms: number) => Promise<void>): Promise<OutputEnd> {
  const mark = readMark(directory)
  const [stdout, stderr] = await Promise.all(streams.map((stream) => settle(directory, stream, mark, wait)))
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
  stream: Stream,
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
