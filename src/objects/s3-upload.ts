import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { chandlerError } from '../core/error/errors.ts'
import { explainS3Error } from './explain-s3-error.ts'
import type { StoredObject } from './object-store.ts'

/** A place in a bucket. */
export interface S3Place {
  readonly client: S3Client
  readonly bucket: string
}

export interface S3Part {
  readonly PartNumber: number
  readonly ETag: string
}

/**
 * S3 allows parts of 5 MiB to 5 GiB, at most 10,000: with this size an artifact of 10 GiB has 1,280. An upload
 * holds at most two in memory.
 */
export const partBytes = 8 * 1024 * 1024

/** What a stream contained; `whole` if it fits into one part, else it is in the store under the given key. */
export type UploadedStream = StoredObject & { readonly whole?: Buffer }

/**
 * Uploads a stream in parts while it arrives. A stream that fits into one part is returned instead of uploaded.
 * @throws ArtifactTooLarge beyond `maxBytes`, the stream's own error, errors of the store; the upload is aborted then
 */
export async function uploadStream(
  place: S3Place,
  key: string,
  bytes: Readable,
  maxBytes: number,
): Promise<UploadedStream> {
  const hash = createHash('sha256')
  let sizeBytes = 0
  let waiting: Buffer[] = []
  let waitingBytes = 0
  let upload: MultipartUpload | undefined
  /** The part that is being uploaded while the next one arrives. */
  let underWay: Promise<void> | undefined

  async function flush(): Promise<void> {
    const part = Buffer.concat(waiting)
    waiting = []
    waitingBytes = 0
    await underWay
    upload ??= await createMultipartUpload(place, key)
    underWay = upload.add(part)
    // Awaited later, or after another error.
    underWay.catch(() => undefined)
  }

  try {
    // Destroying a request would close its socket, and the sender would never receive the error.
    for await (const chunk of bytes.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      sizeBytes += chunk.length
      if (sizeBytes > maxBytes) throw chandlerError('ArtifactTooLarge', { maxBytes })
      hash.update(chunk)
      // Every part except the last one must have the same size: some stores require it.
      for (let offset = 0; offset < chunk.length; ) {
        const piece = chunk.subarray(offset, offset + partBytes - waitingBytes)
        waiting.push(piece)
        waitingBytes += piece.length
        offset += piece.length
        if (waitingBytes === partBytes) await flush()
      }
    }
    const digest = { sha256: hash.digest('hex'), sizeBytes }
    if (upload === undefined) return { ...digest, whole: Buffer.concat(waiting) }
    if (waitingBytes > 0) await flush()
    await underWay
    await upload.complete()
    return digest
  } catch (error) {
    await underWay?.catch(() => undefined)
    await upload?.abort()
    throw error
  }
}

/** An upload in parts, which are numbered in the order of `add`. */
export interface MultipartUpload {
  readonly id: string
  /** Uploads the next part; one at a time. */
  add(part: Buffer): Promise<void>
  /** For parts that were added in another way. */
  addUploaded(part: S3Part): void
  readonly nextNumber: number
  complete(): Promise<void>
  /** Removes the parts; a failure is ignored, because a sweep repeats it. */
  abort(): Promise<void>
}

export async function createMultipartUpload({ client, bucket }: S3Place, key: string): Promise<MultipartUpload> {
  const target = { Bucket: bucket, Key: key }
  const { UploadId } = await explainS3Error(() => client.send(new CreateMultipartUploadCommand(target)))
  const parts: S3Part[] = []
  const named = { ...target, UploadId }
  return {
    id: UploadId ?? '',
    get nextNumber() {
      return parts.length + 1
    },
    async add(part) {
      const PartNumber = parts.length + 1
      const { ETag = '' } = await explainS3Error(() =>
        client.send(new UploadPartCommand({ ...named, PartNumber, Body: part })),
      )
      parts.push({ PartNumber, ETag })
    },
    addUploaded: (part) => void parts.push(part),
    async complete() {
      await explainS3Error(() =>
        client.send(new CompleteMultipartUploadCommand({ ...named, MultipartUpload: { Parts: parts } })),
      )
    },
    async abort() {
      await client.send(new AbortMultipartUploadCommand(named)).catch(() => undefined)
    },
  }
}
