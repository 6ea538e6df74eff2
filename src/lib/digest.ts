import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'

/** A SHA-256 in lower-case hex and the number of bytes it covers. */
export interface Digest {
  sha256: string
  sizeBytes: number
}

/** SHA-256 in lower-case hex; text counts as UTF-8. */
export const sha256Of = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex')

/** Reads the stream to its end without keeping its bytes. Rejects with the stream's own error. */
export async function digestStream(stream: AsyncIterable<Uint8Array>): Promise<Digest> {
  const hash = createHash('sha256')
  let sizeBytes = 0
  for await (const chunk of stream) {
    hash.update(chunk)
    sizeBytes += chunk.byteLength
  }
  return { sha256: hash.digest('hex'), sizeBytes }
}

/** Rejects with the error of reading the file (ENOENT, EISDIR, EACCES, EIO). */
export const digestFile = (path: string): Promise<Digest> =>
  digestStream(createReadStream(path, { highWaterMark: 256 * 1024 }))
