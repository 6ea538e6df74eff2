import type { Readable } from 'node:stream'

/**
 * Storage of artifact bytes by sha256. Two drivers: a directory (embedded default) and any
 * S3-compatible store. Bytes are streamed: no driver holds a whole artifact in memory.
 *
 * Storing has two steps, so that the caller can inspect the bytes and record a reference before the
 * object exists: `receive` stores the bytes, `keep` makes them the object with that sha256. Bytes
 * that are received but not kept are not an object; the caller discards them, or a sweep removes
 * them after a crash.
 *
 * Errors of every method: ObjectStoreFull, ObjectStoreUnavailable (temporary), ObjectStoreRefused (an operator has to
 * change something). A method may take as long as the network: do not call any in a database transaction.
 */
export interface ObjectStore {
  /**
   * Writes the stream to disk. Does not destroy the stream when it rejects: it may be a request
   * whose sender waits for an answer.
   * @throws ArtifactTooLarge beyond `maxBytes`; the stream's own error; no bytes are left behind in
   * either case
   */
  receive(bytes: Readable, maxBytes: number): Promise<ReceivedObject>
  /** Undefined if the object does not exist. */
  find(sha256: string): Promise<StoredObject | undefined>
  /**
   * Bytes from `start` (inclusive) to `end` (inclusive; absent = the last), to be iterated once. A
   * chunk is valid until the next one is requested, because its memory is reused (copying or
   * allocating per chunk halves the throughput).
   * @throws ArtifactNotFound, before the first byte
   */
  read(sha256: string, range?: ByteRange): Promise<AsyncIterable<Uint8Array>>
  /** Removing an object that does not exist is not an error. Active readers read it to its end. */
  remove(sha256: string): Promise<void>
  /** Every object, in no order; to find objects without references. */
  list(): AsyncIterable<StoredObject>
  /** Removes files of interrupted uploads; returns their number. */
  sweep(): Promise<number>
  /** A URL where the store itself serves the object; undefined if the server has to serve it. */
  presign(sha256: string, fileName: string, ttlMs: number): Promise<string | undefined>
  /** Throws if the store is not writable, with the reason. */
  check(): Promise<void>
  readonly drafts: DraftStore
}

/**
 * Bytes of resumable uploads, by id. They are not objects: when an upload is complete, its bytes
 * are copied through `receive`, so that a sender that still writes to the draft cannot change an
 * object.
 */
export interface DraftStore {
  /** Contiguous bytes received; 0 if none. */
  size(id: string): Promise<number>
  /**
   * Writes a chunk at its offset; keeps what arrived when the sender disconnects. Resolves with the
   * offset of the end.
   * @throws UploadOffsetWrong if it would leave a gap; ArtifactTooLarge if the whole exceeds
   * `maxBytes`
   */
  append(id: string, offset: number, bytes: Readable, maxBytes: number): Promise<number>
  read(id: string): Readable
  remove(id: string): Promise<void>
}

export interface StoredObject {
  readonly sha256: string
  readonly sizeBytes: number
}

export interface ByteRange {
  readonly start: number
  readonly end?: number
}

/**
 * Bytes on disk that are not an object yet. The caller must call `discard` in the end, kept or not.
 */
export interface ReceivedObject extends StoredObject {
  /**
   * Makes the bytes an object, durably. Identical bytes are stored once; corrupt bytes in the store
   * are replaced.
   */
  keep(): Promise<void>
  /** Deletes the bytes. No effect after `keep`. */
  discard(): Promise<void>
}
