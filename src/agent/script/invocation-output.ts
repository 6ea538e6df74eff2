import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { maxOutputBytesPerInvocation, maxOutputChunkBytes } from '../../core/limits.ts'
import { findSplitCharacter } from '../../lib/cut-text.ts'
import type { Stream } from '../../protocol/agent-protocol.ts'
import { streams } from '../../protocol/agent-protocol.ts'
import type { ReportLog } from '../state/report-log.ts'

/**
 * The output of an invocation's scripts. Each script writes to files of its own; the invocation's
 * streams are the concatenation of these files. A file counts up to its size when its script ended:
 * later output of a daemon does not belong to the invocation.
 *
 * The first half of the limit is reported as it arrives, both streams together. Then nothing, until
 * the last half follows at the end. The cut between the halves respects UTF-8 characters, so that
 * up to three bytes less are kept; bytes that are not UTF-8 are cut exactly.
 */
export interface InvocationOutput {
  /**
   * The next script's files, which may have content. `printed`: how much of them counts, if known.
   */
  begin(directory: string, printed?: Printed): void
  /** Logs the output since the last call. */
  look(): void
  /** The script has ended; `printed` is the size of its output. */
  finish(printed: Printed): OutputSizes
  /** All scripts have ended: logs the rest of the limit. */
  end(): OutputSizes & { cutBytes: number }
  /** Bytes of a stream; fewer than requested if they are gone. */
  read(stream: Stream, offset: number, length: number): Buffer
  /**
   * The range in the current script's files that may be freed: no pending report needs it, and it
   * is not in the last half.
   */
  findReleasable(): { path: string; from: number; to: number }[]
}

export interface OutputSizes {
  readonly stdoutBytes: number
  readonly stderrBytes: number
}

type Printed = Readonly<Record<Stream, number>>

interface Segment {
  readonly path: string
  readonly base: number
  sizeBytes: number
}

export interface InvocationOutputOptions {
  readonly log: ReportLog
  readonly now: () => number
  /** Of ended scripts, in order. */
  readonly earlier: readonly ({ directory: string } & OutputSizes)[]
  readonly limitBytes?: number | undefined
}

/** The longest character has four bytes. */
const maxContinuationBytes = 3

const sizeNames = { stdout: 'stdoutBytes', stderr: 'stderrBytes' } as const

export function createInvocationOutput(options: InvocationOutputOptions): InvocationOutput {
  const { log, now, earlier, limitBytes = maxOutputBytesPerInvocation } = options
  const halfBytes = Math.floor(limitBytes / 2)
  const segments: Record<Stream, Segment[]> = { stdout: [], stderr: [] }
  let open = false
  let known: Printed | undefined

  const totalOf = (stream: Stream) => {
    const last = segments[stream].at(-1)
    return last ? last.base + last.sizeBytes : 0
  }
  const add = (stream: Stream, directory: string, sizeBytes: number) =>
    segments[stream].push({ path: join(directory, stream), base: totalOf(stream), sizeBytes })

  for (const script of earlier) for (const stream of streams) add(stream, script.directory, script[sizeNames[stream]])

  function report(stream: Stream, from: number, to: number): void {
    for (let offset = from; offset < to; ) {
      const segment = segmentAt(stream, offset)
      if (!segment) return
      const length = Math.min(to - offset, maxOutputChunkBytes, segment.base + segment.sizeBytes - offset)
      log.append({ kind: 'output', at: now(), stream, offset, length })
      offset += length
    }
  }

  const segmentAt = (stream: Stream, offset: number) =>
    segments[stream].findLast(({ base, sizeBytes }) => offset >= base && offset < base + sizeBytes)

  const read = (stream: Stream, offset: number, length: number): Buffer => {
    const segment = segments[stream].findLast(({ base }) => offset >= base)
    if (!segment) return Buffer.alloc(0)
    return readAt(segment.path, offset - segment.base, length)
  }

  function look(): void {
    if (!open) return
    for (const stream of streams) {
      const current = segments[stream].at(-1)
      if (current) current.sizeBytes = Math.max(current.sizeBytes, known?.[stream] ?? sizeOf(current.path))
      const from = log.reportedTo[stream]
      const to = Math.min(totalOf(stream), from + halfBytes - log.reportedBytes)
      if (to > from) report(stream, from, to)
    }
  }

  /** End of the character that a cut at this offset would split. */
  function endOfCharacter(stream: Stream, at: number): number {
    const segment = segmentAt(stream, at)
    if (!segment) return at
    const from = Math.max(segment.base, at - maxContinuationBytes)
    const to = Math.min(segment.base + segment.sizeBytes, at + maxContinuationBytes)
    const split = findSplitCharacter(read(stream, from, to - from), at - from, false)
    return split ? from + split.end : at
  }

  /**
   * Reports the last bytes of a stream, up to a maximum, some of which may complete the character
   * at the end of the first half.
   * @returns how many bytes are cut
   */
  function reportLast(stream: Stream, bytes: number): number {
    const total = totalOf(stream)
    const reported = log.reportedTo[stream]
    if (total - bytes <= reported) {
      report(stream, reported, total)
      return 0
    }
    const head = Math.min(endOfCharacter(stream, reported), reported + bytes)
    report(stream, reported, head)
    const tail = endOfCharacter(stream, total - bytes + head - reported)
    report(stream, tail, total)
    return tail - head
  }

  return {
    begin(directory, printed) {
      for (const stream of streams) add(stream, directory, 0)
      open = true
      known = printed
    },
    look,
    finish(printed) {
      for (const stream of streams) {
        const current = segments[stream].at(-1)
        // Reported bytes stay, even if a daemon printed them after the script's end.
        if (current) current.sizeBytes = Math.max(printed[stream], log.reportedTo[stream] - current.base)
      }
      known = printed
      look()
      open = false
      const sizes = { stdoutBytes: 0, stderrBytes: 0 }
      for (const stream of streams) sizes[sizeNames[stream]] = segments[stream].at(-1)?.sizeBytes ?? 0
      return sizes
    },
    end() {
      const left = {
        stdout: totalOf('stdout') - log.reportedTo.stdout,
        stderr: totalOf('stderr') - log.reportedTo.stderr,
      }
      // Each stream gets half of the remaining limit, plus what the other does not need.
      const quarter = Math.floor(halfBytes / 2)
      const stdout = Math.min(left.stdout, Math.max(halfBytes - quarter, halfBytes - left.stderr))
      const stderr = Math.min(left.stderr, halfBytes - stdout)
      const cutBytes = reportLast('stdout', stdout) + reportLast('stderr', stderr)
      return { stdoutBytes: totalOf('stdout'), stderrBytes: totalOf('stderr'), cutBytes }
    },
    read,
    findReleasable() {
      return streams.flatMap((stream) => {
        const current = segments[stream].at(-1)
        if (!open || !current) return []
        // Characters may extend into the gap between the halves, from both sides.
        const from = Math.max(0, log.reportedTo[stream] - current.base + maxContinuationBytes)
        const to = current.sizeBytes - halfBytes - maxContinuationBytes
        return to > from ? [{ path: current.path, from, to }] : []
      })
    },
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}

function readAt(path: string, position: number, length: number): Buffer {
  let file: number
  try {
    file = openSync(path, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0)
    throw error
  }
  try {
    const buffer = Buffer.allocUnsafe(length)
    let got = 0
    while (got < length) {
      const bytes = readSync(file, buffer, got, length - got, position + got)
      if (bytes === 0) break
      got += bytes
    }
    return buffer.subarray(0, got)
  } finally {
    closeSync(file)
  }
}
