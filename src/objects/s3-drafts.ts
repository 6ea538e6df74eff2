import { Readable } from 'node:stream'
import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { chandlerError } from '../core/error/errors.ts'
import { explainS3Error } from './explain-s3-error.ts'
import type { DraftStore } from './object-store.ts'
import { listKeys } from './s3-list.ts'
import { partBytes, type S3Place } from './s3-upload.ts'

const draftName = /^up-[0-9a-z]{8,40}$/

/** A stored piece of a draft. */
interface Piece {
  readonly key: string
  readonly start: number
  readonly end: number
}

/**
 * Bytes of resumable uploads as small objects, `<folder><id>/<start>-<end>`. Two senders of the same upload may store
 * overlapping pieces; the contiguous ones from the start count.
 */
export function createS3Drafts(place: S3Place, folder: string): DraftStore {
  const { client, bucket: Bucket } = place

  function folderOf(id: string): string {
    if (!draftName.test(id)) throw chandlerError('UploadNotFound', { id })
    return `${folder}${id}/`
  }

  async function listPieces(id: string): Promise<Piece[]> {
    const prefix = folderOf(id)
    const pieces: Piece[] = []
    for await (const { key } of listKeys(place, prefix)) {
      const [, start, end] = /^(\d+)-(\d+)$/.exec(key.slice(prefix.length)) ?? []
      if (start !== undefined) pieces.push({ key, start: Number(start), end: Number(end) })
    }
    return chainPieces(pieces)
  }

  const sizeOf = async (id: string): Promise<number> => (await listPieces(id)).at(-1)?.end ?? 0

  async function* readPieces(id: string): AsyncGenerator<Uint8Array> {
    let position = 0
    for (const { key, start, end } of await listPieces(id)) {
      const Range = `bytes=${position - start}-${end - start - 1}`
      const { Body } = await explainS3Error(() => client.send(new GetObjectCommand({ Bucket, Key: key, Range })))
      for await (const chunk of Body as AsyncIterable<Uint8Array>) {
        position += chunk.length
        yield chunk
      }
    }
  }

  return {
    size: sizeOf,
    async append(id, offset, bytes, maxBytes) {
      const prefix = folderOf(id)
      const sizeBytes = await sizeOf(id)
      if (offset > sizeBytes) throw chandlerError('UploadOffsetWrong', { id, offset, received: sizeBytes })
      let position = offset
      let waiting: Buffer[] = []
      let waitingBytes = 0
      async function flush(): Promise<void> {
        if (waitingBytes === 0) return
        const Key = `${prefix}${String(position).padStart(14, '0')}-${position + waitingBytes}`
        const Body = Buffer.concat(waiting)
        await explainS3Error(() => client.send(new PutObjectCommand({ Bucket, Key, Body })))
        position += waitingBytes
        waiting = []
        waitingBytes = 0
      }
      try {
        for await (const chunk of bytes.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
          if (position + waitingBytes + chunk.length > maxBytes) throw chandlerError('ArtifactTooLarge', { maxBytes })
          waiting.push(chunk)
          waitingBytes += chunk.length
          if (waitingBytes >= partBytes) await flush()
        }
      } catch (error) {
        // A sender that disconnects continues after what has arrived. The first error is the one that counts.
        await flush().catch(() => undefined)
        throw error
      }
      await flush()
      return position
    },
    read: (id) => Readable.from(readPieces(id), { objectMode: false }),
    async remove(id) {
      for await (const { key } of listKeys(place, folderOf(id)))
        await explainS3Error(() => client.send(new DeleteObjectCommand({ Bucket, Key: key })))
    },
  }
}

/** Those pieces that follow each other without a gap from byte 0, each as long as possible. */
function chainPieces(pieces: readonly Piece[]): Piece[] {
  const chain: Piece[] = []
  let position = 0
  for (;;) {
    let next: Piece | undefined
    for (const piece of pieces)
      if (piece.start <= position && piece.end > Math.max(position, next?.end ?? 0)) next = piece
    if (next === undefined) return chain
    chain.push(next)
    position = next.end
  }
}
