import { maxOutputChunkBytes } from '../../core/limits.ts'
import type { ReportEntry } from '../../protocol/agent-messages.ts'
import type { Stream } from '../../protocol/agent-protocol.ts'
import type { ReportLog } from '../state/report-log.ts'

/** The protocol's limit for one report. */
const maxEntries = 256

/** Closes the reports of an invocation: its end, or that the agent has no record of it. */
type LastEntry = Extract<ReportEntry, { kind: 'end' | 'unknown' }>

/** Pending reports of one invocation. */
export interface ReportSource {
  readonly invocationId: string
  readonly log: ReportLog
  /** Set once, after all other entries are in the log. */
  end: LastEntry | undefined
  read(stream: Stream, offset: number, length: number): Buffer
  /** The server has the end; there are no further entries. */
  onEndAcknowledged(): void
}

/**
 * Reports of all invocations, round-robin, so that a verbose one does not delay the ends of the
 * others. A chunk of output stays the same chunk however often it is taken, so that the server
 * recognises it; it is split only if it does not fit into a batch alone.
 */
export interface Outbox {
  /** Until the server has acknowledged its end. */
  add(source: ReportSource): void
  take(maxBytes: number): ReportEntry[]
  acknowledged(batch: readonly ReportEntry[]): void
  rewind(): void
}

/** Position of the next entry to take, and the bytes of it that have already been taken. */
interface Cursor {
  index: number
  within: number
}

interface Line {
  readonly source: ReportSource
  cursor: Cursor
}

interface Taken {
  readonly entry: ReportEntry
  readonly line: Line
  readonly after: Cursor
}

export function createOutbox(): Outbox {
  const lines = new Map<string, Line>()
  let taken: Taken[] = []

  function takeFrom(line: Line, roomBytes: number, mayCut: boolean): Taken | undefined {
    const { source, cursor } = line
    const made = makeEntry(source, cursor, roomBytes, mayCut)
    if (!made || jsonBytes(made.entry) > roomBytes) return undefined
    line.cursor = made.after
    return { entry: made.entry, line, after: made.after }
  }

  return {
    add(source) {
      lines.set(source.invocationId, { source, cursor: { index: source.log.acknowledged, within: 0 } })
    },
    take(maxBytes) {
      const batch: Taken[] = []
      // A JSON array: brackets, and a comma after each entry.
      let roomBytes = maxBytes - 2
      let waiting = [...lines.values()]
      while (waiting.length > 0 && batch.length < maxEntries) {
        const still: Line[] = []
        for (const line of waiting) {
          const next = batch.length < maxEntries ? takeFrom(line, roomBytes, batch.length === 0) : undefined
          if (!next) continue
          batch.push(next)
          roomBytes -= jsonBytes(next.entry) + 1
          still.push(line)
        }
        waiting = still
      }
      // The last invocation served moves to the back.
      for (const { line } of batch.slice(-1)) {
        lines.delete(line.source.invocationId)
        lines.set(line.source.invocationId, line)
      }
      taken.push(...batch)
      return batch.map(({ entry }) => entry)
    },
    acknowledged(batch) {
      const last = batch.at(-1)
      const upTo = taken.findLastIndex(({ entry }) => entry === last)
      if (upTo < 0) return
      const done = taken.slice(0, upTo + 1)
      taken = taken.slice(upTo + 1)
      for (const { line, after, entry } of done) {
        const { source } = line
        source.log.acknowledge(Math.min(after.index, source.log.count))
        if (entry.kind !== 'end' && entry.kind !== 'unknown') continue
        lines.delete(source.invocationId)
        source.onEndAcknowledged()
      }
    },
    rewind() {
      taken = []
      for (const line of lines.values()) line.cursor = { index: line.source.log.acknowledged, within: 0 }
    },
  }
}

function makeEntry(
  source: ReportSource,
  cursor: Cursor,
  roomBytes: number,
  mayCut: boolean,
): { entry: ReportEntry; after: Cursor } | undefined {
  const { invocationId, log } = source
  for (let { index, within } = cursor; ; index++, within = 0) {
    const logged = log.at(index)
    if (logged === undefined) {
      const isEnd = index === log.count && source.end
      // A new object each time: an acknowledgement refers to this object.
      return isEnd ? { entry: { ...(source.end as LastEntry) }, after: { index: index + 1, within: 0 } } : undefined
    }
    if (logged.kind === 'state') return { entry: { ...logged, invocationId }, after: { index: index + 1, within: 0 } }
    const { at, stream, offset, length } = logged
    const leftBytes = length - within
    const fitsBytes = Math.min(leftBytes, maxOutputChunkBytes, Math.floor((roomBytes - envelopeBytes) / 4) * 3)
    if (fitsBytes < leftBytes && !mayCut) return undefined
    if (leftBytes > 0 && fitsBytes <= 0) return undefined
    const data = source.read(stream, offset + within, fitsBytes)
    // Lost in a power failure: there is nothing to report.
    if (data.length === 0) continue
    const entry: ReportEntry = {
      kind: 'output',
      invocationId,
      at,
      stream,
      offset: offset + within,
      data: data.toString('base64'),
    }
    const whole = fitsBytes === leftBytes || data.length < fitsBytes
    return { entry, after: whole ? { index: index + 1, within: 0 } : { index, within: within + data.length } }
  }
}

/** An output entry without its data: names, numbers and the longest id. */
const envelopeBytes = 200

const jsonBytes = (entry: ReportEntry) =>
  entry.kind === 'output' ? envelopeBytes + entry.data.length : Buffer.byteLength(JSON.stringify(entry))
