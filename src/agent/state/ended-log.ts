import { writeSync } from 'node:fs'
import { type FileHandle, open, readFile } from 'node:fs/promises'
import { writeFileDurably } from '../../lib/write-file-durably.ts'
import type { EndEntry } from '../../protocol/agent-records.ts'
import { endEntryShape } from '../../protocol/agent-shapes.ts'
import { readShape } from '../../protocol/shape.ts'

/**
 * Outlasts every repetition of a server that was restored from yesterday's backup, at about 400
 * bytes each.
 */
const maxRemembered = 10_000
/** Output can make lines long: beyond this size the older half is dropped. */
const maxBytes = 16 * 1024 * 1024

/**
 * Ends that the server has acknowledged: an id in here never starts again, and a late offer of it
 * is answered with its end.
 */
export interface EndedLog {
  has(invocationId: string): boolean
  get(invocationId: string): Promise<EndEntry | undefined>
  /** On disk when it resolves. */
  add(end: EndEntry): Promise<void>
  close(): Promise<void>
}

interface Place {
  readonly at: number
  readonly length: number
}

/** STATE/ended.jsonl: one line per end, appended; only ids and offsets are in memory. */
export async function openEndedLog(path: string, limit = maxRemembered): Promise<EndedLog> {
  const places = new Map<string, Place>()
  let sizeBytes = 0
  let file: FileHandle
  let writing: Promise<void> = Promise.resolve()

  const note = (id: string, length: number) => {
    // Moves to the end of the order if it was there before.
    places.delete(id)
    places.set(id, { at: sizeBytes, length })
    sizeBytes += length
  }

  async function load(): Promise<void> {
    const text = await readFile(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return Buffer.alloc(0)
      throw error
    })
    for (let from = 0; ; ) {
      const newline = text.indexOf(10, from)
      if (newline < 0) break
      const id = /"invocationId":"([^"]+)"/.exec(text.toString('utf8', from, Math.min(newline, from + 200)))?.[1]
      if (id === undefined) sizeBytes += newline + 1 - from
      else note(id, newline + 1 - from)
      from = newline + 1
    }
    file = await open(path, 'a+', 0o600)
    // A line that a crash cut off was not acknowledged.
    if (sizeBytes < text.length) await file.truncate(sizeBytes)
  }

  async function readLine({ at, length }: Place): Promise<Buffer> {
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, at)
    return buffer
  }

  async function compact(): Promise<void> {
    const kept = [...places].slice(-Math.floor(limit / 2))
    const lines: Buffer[] = []
    let bytes = 0
    for (const [, place] of kept.reverse()) {
      if (bytes + place.length > maxBytes / 2) break
      bytes += place.length
      lines.unshift(await readLine(place))
    }
    // Closed first: Windows does not replace an open file.
    await file.close()
    try {
      await writeFileDurably(path, Buffer.concat(lines))
    } finally {
      places.clear()
      sizeBytes = 0
      await load()
    }
  }

  async function append(end: EndEntry): Promise<void> {
    const line = Buffer.from(`${JSON.stringify({ invocationId: end.invocationId, end })}\n`)
    try {
      for (let at = 0; at < line.length; ) at += writeSync(file.fd, line, at)
      await file.datasync()
    } catch (error) {
      await file.truncate(sizeBytes)
      throw error
    }
    note(end.invocationId, line.length)
    if (places.size > limit || sizeBytes > maxBytes) await compact()
  }

  await load()
  return {
    has: (id) => places.has(id),
    async get(id) {
      await writing
      const place = places.get(id)
      if (place === undefined) return undefined
      const line = JSON.parse((await readLine(place)).toString('utf8')) as { end?: unknown }
      return readShape(endEntryShape, line.end)
    },
    add(end) {
      const written = writing.then(() => append(end))
      writing = written.catch(() => undefined)
      return written
    },
    async close() {
      await writing
      await file.close()
    },
  }
}
