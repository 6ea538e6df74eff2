import type { Stream } from '../../../../../src/protocol/agent-messages.ts'
import type { OutputChunk } from '../../../../../src/protocol/api/executions.ts'

export interface OutputLine {
  /** From 1, of its stream and attempt. */
  readonly number: number
  readonly invocationId: string
  readonly stream: Stream
  /** When its first piece was printed. */
  readonly at: string
  readonly text: string
}

/** Lines from pieces of output. */
export interface LogReader {
  lines(): readonly OutputLine[]
  /** So many lines from the beginning are not kept any more. */
  droppedLines(): number
  add(chunks: readonly OutputChunk[]): void
}

/** What a browser shows without trouble; all of it is in the download. */
const maxLogLines = 100_000
/** A piece of a line that never ends is a line. */
const maxLineLetters = 16_384

interface OpenLine {
  readonly decoder: TextDecoder
  nextNumber: number
  /** Where the line that has no end yet stands among the lines. */
  open: OutputLine | undefined
}

/**
 * Each stream of each attempt has its own unfinished line; both streams go into one list in the order in which their lines began. A line that grows
 * is another object, so that only it is drawn again.
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

/** Places of the lines that hold a text, in any case. */
export function findLines(texts: readonly string[], wanted: string): number[] {
  const lower = wanted.toLowerCase()
  return lower === '' ? [] : [...texts.keys()].filter((place) => texts[place]?.toLowerCase().includes(lower))
}
