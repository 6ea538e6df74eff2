/**
 * Objects in a bucket of an S3-compatible store: `objects/<sha256>`; `incoming/` for bytes that are being received,
 * `uploads/` for resumable uploads, `check` for the write check; all below the prefix of the settings. Several servers
 * may share the bucket.
 */
import { randomBytes } from 'node:crypto'
import type { Readable } from 'node:stream'
import {
  AbortMultipartUploadCommand,
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { chandlerError } from '../core/error/errors.ts'
import type { Clock } from '../lib/clock.ts'
import { explainS3Error, ignoringMissing } from './explain-s3-error.ts'
import type { ByteRange, ObjectStore, ReceivedObject, StoredObject } from './object-store.ts'
import { createS3Drafts } from './s3-drafts.ts'
import { listKeys, listMultipartUploads } from './s3-list.ts'
import { createMultipartUpload, type S3Place, uploadStream } from './s3-upload.ts'

/**
 * No upload takes longer: silent senders are disconnected long before. Long, because it is compared with the clock of
 * the store.
 */
const abandonedAfterMs = 48 * 60 * 60_000
/** A readiness check is frequent, and every written object costs money. */
const writeCheckEveryMs = 10 * 60_000
/** A single copy may have up to 5 GiB, but would take longer than the store's silence allows. */
const defaultMaxCopyBytes = 256 * 1024 * 1024

export interface S3StoreOptions {
  readonly client: S3Client
  /** Signs download URLs; it may have another endpoint. */
  readonly signer: S3Client
  readonly bucket: string
  /** Folder of all keys; empty: the whole bucket. */
  readonly prefix: string
  readonly clock: Pick<Clock, 'now' | 'monotonicMs'>
  /** Larger objects are copied in parts of this size; for tests. */
  readonly maxCopyBytes?: number
}

export function createS3ObjectStore(options: S3StoreOptions): ObjectStore {
  const { client, signer, bucket: Bucket, clock, maxCopyBytes = defaultMaxCopyBytes } = options
  const place: S3Place = { client, bucket: Bucket }
  const root = options.prefix === '' ? '' : `${options.prefix}/`
  const folders = { objects: `${root}objects/`, incoming: `${root}incoming/`, uploads: `${root}uploads/` }

  function keyOf(sha256: string): string {
    if (!/^[0-9a-f]{64}$/.test(sha256)) throw chandlerError('ArtifactNotFound', { sha256 })
    return folders.objects + sha256
  }

  async function receive(bytes: Readable, maxBytes: number): Promise<ReceivedObject> {
    const draft = folders.incoming + randomBytes(12).toString('hex')
    const { whole, sha256, sizeBytes } = await uploadStream(place, draft, bytes, maxBytes)
    return {
      sha256,
      sizeBytes,
      async keep() {
        const Key = keyOf(sha256)
        if (whole !== undefined)
          await explainS3Error(() => client.send(new PutObjectCommand({ Bucket, Key, Body: whole })))
        else await copy(draft, Key, sizeBytes)
      },
      async discard() {
        if (whole === undefined) await removeKey(draft)
      },
    }
  }

  async function copy(from: string, Key: string, sizeBytes: number): Promise<void> {
    const CopySource = encodeURI(`${Bucket}/${from}`)
    if (sizeBytes <= maxCopyBytes) {
      await explainS3Error(() => client.send(new CopyObjectCommand({ Bucket, Key, CopySource })))
      return
    }
    const upload = await createMultipartUpload(place, Key)
    try {
      for (let start = 0; start < sizeBytes; start += maxCopyBytes) {
        const end = Math.min(sizeBytes, start + maxCopyBytes) - 1
        const PartNumber = upload.nextNumber
        const part = {
          Bucket,
          Key,
          UploadId: upload.id,
          PartNumber,
          CopySource,
          CopySourceRange: `bytes=${start}-${end}`,
        }
        const { CopyPartResult } = await explainS3Error(() => client.send(new UploadPartCopyCommand(part)))
        upload.addUploaded({ PartNumber, ETag: CopyPartResult?.ETag ?? '' })
      }
      await upload.complete()
    } catch (error) {
      await upload.abort()
      throw error
    }
  }

  async function removeKey(Key: string): Promise<void> {
    await ignoringMissing(() => client.send(new DeleteObjectCommand({ Bucket, Key })))
  }

  async function find(sha256: string): Promise<StoredObject | undefined> {
    const Key = keyOf(sha256)
    const head = await ignoringMissing(() => client.send(new HeadObjectCommand({ Bucket, Key })))
    return head && { sha256, sizeBytes: head.ContentLength ?? 0 }
  }

  async function read(sha256: string, range?: ByteRange): Promise<AsyncIterable<Uint8Array>> {
    const Key = keyOf(sha256)
    const Range = range && `bytes=${range.start}-${range.end ?? ''}`
    const object = await ignoringMissing(() => client.send(new GetObjectCommand({ Bucket, Key, Range })))
    if (object === undefined) throw chandlerError('ArtifactNotFound', { sha256 })
    return readBody(object.Body as Readable)
  }

  async function* list(): AsyncGenerator<StoredObject> {
    for await (const { key, sizeBytes } of listKeys(place, folders.objects)) {
      const sha256 = key.slice(folders.objects.length)
      if (/^[0-9a-f]{64}$/.test(sha256)) yield { sha256, sizeBytes }
    }
  }

  /** The prefix of multipart uploads is the root: copies of large objects are some, too. */
  async function sweep(): Promise<number> {
    const before = clock.now() - abandonedAfterMs
    let swept = 0
    for await (const { key, uploadId, startedAt } of listMultipartUploads(place, root)) {
      if (startedAt.getTime() >= before) continue
      const abort = new AbortMultipartUploadCommand({ Bucket, Key: key, UploadId: uploadId })
      await ignoringMissing(() => client.send(abort))
      swept++
    }
    for (const folder of [folders.incoming, folders.uploads])
      for await (const { key, changedAt } of listKeys(place, folder)) {
        if (changedAt.getTime() >= before) continue
        await removeKey(key)
        swept++
      }
    return swept
  }

  let writableAt = Number.NEGATIVE_INFINITY
  async function check(): Promise<void> {
    // Not HeadBucket: its refusals have no code.
    await explainS3Error(() => client.send(new ListObjectsV2Command({ Bucket, Prefix: folders.objects, MaxKeys: 1 })))
    if (clock.monotonicMs() - writableAt < writeCheckEveryMs) return
    const Key = `${root}check`
    await explainS3Error(() => client.send(new PutObjectCommand({ Bucket, Key, Body: Buffer.from('check') })))
    await removeKey(Key)
    writableAt = clock.monotonicMs()
  }

  return {
    receive,
    find,
    read,
    list,
    sweep,
    check,
    drafts: createS3Drafts(place, folders.uploads),
    remove: async (sha256) => removeKey(keyOf(sha256)),
    presign: createPresigner(signer, (sha256) => ({ Bucket, Key: keyOf(sha256) }), clock),
  }
}

async function* readBody(body: Readable): AsyncGenerator<Uint8Array> {
  try {
    yield* body as AsyncIterable<Uint8Array>
  } catch (cause) {
    throw chandlerError('ObjectStoreUnavailable', {}, undefined, { cause })
  }
}

/** Signing takes half a millisecond, and a thousand instances may install the same version at once. */
const urlReusedMs = 60_000
const maxKeptUrls = 1_000

/** Signs download URLs. The same URL is returned again for a minute, as long as its credentials are in use. */
function createPresigner(
  signer: S3Client,
  placeOf: (sha256: string) => { readonly Bucket: string; readonly Key: string },
  clock: Pick<Clock, 'monotonicMs'>,
): ObjectStore['presign'] {
  interface Kept {
    readonly url: string
    readonly at: number
    readonly ttlMs: number
    readonly credentials: unknown
  }
  const kept = new Map<string, Kept>()
  return (sha256, _fileName, ttlMs) =>
    explainS3Error(async () => {
      const place = placeOf(sha256)
      // The SDK returns the same object until it has renewed the credentials, some minutes before they expire.
      const credentials = await signer.config.credentials()
      const now = clock.monotonicMs()
      const known = kept.get(sha256)
      const reusedMs = Math.min(urlReusedMs, ttlMs / 4)
      if (known?.credentials === credentials && known.ttlMs === ttlMs && now - known.at < reusedMs) return known.url
      const url = await getSignedUrl(signer, new GetObjectCommand(place), { expiresIn: Math.floor(ttlMs / 1_000) })
      kept.delete(sha256)
      const [oldest] = kept.keys()
      if (kept.size >= maxKeptUrls && oldest !== undefined) kept.delete(oldest)
      kept.set(sha256, { url, at: now, ttlMs, credentials })
      return url
    })
}
