import { closeSync, openSync, readFileSync, writeSync } from 'node:fs'
import type { ReportEntry } from '../../protocol/agent-messages.ts'
import type { Stream } from '../../protocol/agent-protocol.ts'
import { streams } from '../../protocol/agent-protocol.ts'

type StateEntry = Extract<ReportEntry, { kind: 'state' }>

/** One report entry. Output is stored as an offset: the bytes stay in the script's own files. */
export type LoggedEntry =
  | Omit<StateEntry, 'invocationId'>
  | {
      readonly kind: 'output'
      readonly at: number
      readonly stream: Stream
      readonly offset: number
      readonly length: number
    }

/**
 * Reported entries of an invocation, in order, in a file beside its journal, so that a restarted
 * agent reports the same chunks with the same timestamps. It survives a kill of the agent; after a
 * power failure its last lines may be missing, and their output is reported again.
 */
export interface ReportLog {
  /** Number of appended entries. */
  readonly count: number
  /** Number of acknowledged entries. */
  readonly acknowledged: number
  /**
   * The entry with this index, from 0; undefined if it does not exist (yet) or was acknowledged.
   */
  at(index: number): LoggedEntry | undefined
  /** Timestamp of the last entry, 0 if there is none. */
  readonly lastAt: number
  /** End offset of a stream's reported output, and the reported bytes of both streams. */
  readonly reportedTo: Readonly<Record<Stream, number>>
  readonly reportedBytes: number
  append(entry: LoggedEntry): void
  acknowledge(count: number): void
  close(): void
}

/** Acknowledged entries are dropped in blocks of this size. */
const forgetAtOnce = 256

/** @param path report.jsonl, which need not exist; absent = in memory only */
export function openReportLog(path?: string): ReportLog {
  const kept: LoggedEntry[] = []
  let forgotten = 0
  let acknowledged = 0
  let lastAt = 0
  let reportedBytes = 0
  const reportedTo: Record<Stream, number> = { stdout: 0, stderr: 0 }
  let file: number | undefined
  let writable = path !== undefined

  const note = (entry: LoggedEntry) => {
    kept.push(entry)
    lastAt = Math.max(lastAt, entry.at)
    if (entry.kind !== 'output') return
    reportedBytes += entry.length
    reportedTo[entry.stream] = Math.max(reportedTo[entry.stream], entry.offset + entry.length)
  }
  const write = (line: string) => {
    if (!writable || path === undefined) return
    try {
      file ??= openSync(path, 'a', 0o600)
      writeSync(file, line)
    } catch (error) {
      if (!['ENOSPC', 'EDQUOT', 'EROFS', 'EIO', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? ''))
        throw error
      // A full disk must not end the report of it. From here on nothing is stored; the file keeps a
      // valid prefix.
      writable = false
    }
  }

  const text = path === undefined ? '' : readOrEmpty(path)
  for (const line of text.split('\n')) {
    const parsed = parseLine(line)
    if (typeof parsed === 'number') acknowledged = parsed
    else if (parsed) note(parsed)
  }
  // A line that a crash cut off must not swallow the next one.
  if (text !== '' && !text.endsWith('\n')) write('\n')
  acknowledged = Math.min(acknowledged, kept.length)

  return {
    get count() {
      return forgotten + kept.length
    },
    get acknowledged() {
      return acknowledged
    },
    at: (index) => kept[index - forgotten],
    get lastAt() {
      return lastAt
    },
    reportedTo,
    get reportedBytes() {
      return reportedBytes
    },
    append(entry) {
      note(entry)
      write(`${JSON.stringify(entry)}\n`)
    },
    acknowledge(count) {
      if (count <= acknowledged) return
      acknowledged = count
      write(`${count}\n`)
      if (acknowledged - forgotten < forgetAtOnce) return
      kept.splice(0, acknowledged - forgotten)
      forgotten = acknowledged
    },
    close() {
      if (file !== undefined) closeSync(file)
      file = undefined
      writable = false
    },
  }
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}

/** The agent wrote these lines, but a crash or a full disk may have cut them off. */
function parseLine(line: string): LoggedEntry | number | undefined {
  let parsed: unknown
  try {
    parsed = JSON.parse(line)
  } catch {
    return undefined
  }
  if (typeof parsed === 'number') return parsed
  const entry = parsed as LoggedEntry
  const whole = entry?.kind === 'state' || (entry?.kind === 'output' && streams.includes(entry.stream))
  return whole ? entry : undefined
}
