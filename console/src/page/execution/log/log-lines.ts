import type { Stream } from '../../../../../src/protocol/agent-protocol.ts'
import type { OutputChunk } from '../../../../../src/protocol/api/executions.ts'

export interface OutputLine {
  /** Starts at 1, per stream and attempt. */
  readonly number: number
  readonly invocationId: string
  readonly stream: Stream
  /** Time at which its first piece was printed. */
  readonly at: string
  readonly text: string
}

/** Assembles lines from pieces of output. */
export interface LogReader {
  lines(): readonly OutputLine[]
  /** Number of dropped lines at the beginning. */
  droppedLines(): number
  add(chunks: readonly OutputChunk[]): void
}

/** Limit for browsers; the download has all lines. */
const maxLogLines = 100_000
/** A line without an end is split at this length. */
const maxLineLetters = 16_384

interface OpenLine {
  readonly decoder: TextDecoder
  nextNumber: number
  /** Index of the unfinished line. */
  open: OutputLine | undefined
}

/**
 * Each stream of each attempt has its own unfinished line; all lines form one list in the order in
 * which they began. A growing line becomes a new object, so that only it renders again.
 */
export function createLogReader(maxLines = maxLogLines): LogReader {
  let lines: OutputLine[] = []
  let dropped = 0
  const streams = new Map<string, OpenLine>()

  function readerOf({ invocationId, stream }: OutputChunk): OpenLine {
    const key = `${invocationId} ${stream}`
    const known = streams.get(key) ?? { decoder: new TextDecoder(), nextNumber: 1, open: undefined }
    streams.set(key, known)
    return known
  }

  function grow(reader: OpenLine, text: string): void {
    const { open } = reader
    if (!open) return
    const place = lines.lastIndexOf(open)
    reader.open = { ...open, text: open.text + text }
    if (place >= 0) lines[place] = reader.open
  }

  function begin(reader: OpenLine, { invocationId, stream, at }: OutputChunk, text: string): void {
    reader.open = { number: reader.nextNumber, invocationId, stream, at, text }
    reader.nextNumber += 1
    lines.push(reader.open)
  }

  function addChunk(chunk: OutputChunk): void {
    const reader = readerOf(chunk)
    const pieces = reader.decoder.decode(decodeBase64(chunk.data), { stream: true }).split('\n')
    for (const [index, piece] of pieces.entries()) {
      const isLast = index === pieces.length - 1
      if (piece !== '' || !isLast) {
        if (reader.open && reader.open.text.length < maxLineLetters) grow(reader, piece)
        else begin(reader, chunk, piece)
      }
      if (!isLast) reader.open = undefined
    }
  }

  return {
    lines: () => lines,
    droppedLines: () => dropped,
    add(chunks) {
      lines = [...lines]
      for (const chunk of chunks) addChunk(chunk)
      if (lines.length <= maxLines) return
      dropped += lines.length - maxLines
      lines = lines.slice(-maxLines)
    },
  }
}

function decodeBase64(text: string): Uint8Array {
  const binary = atob(text)
  return Uint8Array.from(binary, (letter) => letter.charCodeAt(0))
}

/** Indexes of the lines that contain a text, ignoring case. */
export function findLines(texts: readonly string[], search: string): number[] {
  const lower = search.toLowerCase()
  return lower === '' ? [] : [...texts.keys()].filter((place) => texts[place]?.toLowerCase().includes(lower))
}
