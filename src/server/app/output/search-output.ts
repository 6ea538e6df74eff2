import type { OutputStream } from '../../../store/report/output-chunks.ts'
import type { Actor, AppContext } from '../context.ts'
import type { OutputRow } from '../execution/read-executions.ts'
import { openTaskOutput, type TaskOutputRequest } from './read-task-output.ts'

export interface OutputMatch {
  readonly attempt: number
  readonly stream: OutputStream
  /** Offset of the line's first byte in its stream. */
  readonly offset: number
  readonly at: Date
  readonly line: string
}

export interface FoundOutput {
  readonly matches: readonly OutputMatch[]
  /** Whether all of the output was searched. */
  readonly isComplete: boolean
}

const maxMatches = 500
/** Twice the limit of one attempt: a second of work. */
const maxSearchedBytes = 128 * 1024 * 1024
/** A longer line is searched in pieces. */
const maxLineBytes = 64 * 1024
const shownLetters = 1_000

/**
 * Lines of a task's output that contain a text, case-insensitively, in the order in which they
 * ended. @throws ExecutionNotFound, TaskNotFound
 */
export async function searchOutput(
  context: Pick<AppContext, 'database'>,
  actor: Pick<Actor, 'accountId'>,
  id: string,
  { text, ...request }: TaskOutputRequest & { readonly text: string },
): Promise<FoundOutput> {
  const wanted = text.toLowerCase()
  const matches: OutputMatch[] = []
  const lines = createLineReader()
  let searchedBytes = 0
  const look = (line: OutputMatch) => {
    const place = line.line.toLowerCase().indexOf(wanted)
    if (place >= 0) matches.push({ ...line, line: cutAround(line.line, place) })
    return matches.length >= maxMatches
  }
  for await (const rows of await openTaskOutput(context, actor, id, request))
    for (const row of rows) {
      for (const line of lines.read(row)) if (look(line)) return { matches, isComplete: false }
      searchedBytes += row.data.length
      if (searchedBytes >= maxSearchedBytes) return { matches, isComplete: false }
    }
  for (const line of lines.rest()) if (look(line)) return { matches, isComplete: false }
  return { matches, isComplete: true }
}

/** The shown part of a long line, around the match. */
function cutAround(line: string, place: number): string {
  const from = Math.max(0, Math.min(place - shownLetters / 2, line.length - shownLetters))
  return line.slice(from, from + shownLetters)
}

/**
 * Splits the chunks of streams into lines; each stream of each attempt has its own incomplete last
 * line.
 */
function createLineReader() {
  const unfinished = new Map<string, { row: OutputRow; offset: number; data: Buffer }>()
  return {
    read(row: OutputRow): OutputMatch[] {
      const key = `${row.invocationId} ${row.stream}`
      const before = unfinished.get(key)
      const data = before ? Buffer.concat([before.data, row.data]) : row.data
      const offset = before?.offset ?? row.startByte
      const lines: OutputMatch[] = []
      let from = 0
      for (let end = data.indexOf(0x0a); end >= 0; end = data.indexOf(0x0a, from)) {
        lines.push(lineOf(row, offset + from, data.subarray(from, end)))
        from = end + 1
      }
      if (data.length - from > maxLineBytes) {
        lines.push(lineOf(row, offset + from, data.subarray(from)))
        from = data.length
      }
      if (from === data.length) unfinished.delete(key)
      else unfinished.set(key, { row, offset: offset + from, data: data.subarray(from) })
      return lines
    },
    rest: () => [...unfinished.values()].map(({ row, offset, data }) => lineOf(row, offset, data)),
  }
}

const lineOf = (row: OutputRow, offset: number, data: Buffer): OutputMatch => ({
  attempt: row.attempt,
  stream: row.streamName,
  offset,
  at: row.at,
  line: data.toString('utf8').replace(/\r$/, ''),
})
