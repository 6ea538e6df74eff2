import type { Readable } from 'node:stream'

/**
 * Where artifact bytes live, by their sha256. Two drivers: a directory (embedded default) and, later, any S3-compatible store.
 * Bytes are streamed: no driver ever holds a whole artifact in memory.
 *
 * Storing has two steps, so that whoever stores can look at what came before it counts, and can write down that it is
 * wanted before it is there: `receive` takes the bytes in, `keep` makes them the object of that sha256. What was received
 * and not kept is no object; it is discarded, or swept up after a crash.
 *
 * Errors of every method: ObjectStoreFull, ObjectStoreUnavailable.
 */
export interface ObjectStore {
  /**
   * Takes the stream in, to disk. The stream is not destroyed when this rejects: it may be a request whose sender still
   * waits for an answer.
   * @throws ArtifactTooLarge beyond `maxBytes`; the stream's own error; nothing is left behind either way
   */
  receive(bytes: Readable, maxBytes: number): Promise<ReceivedObject>
  /** Undefined if there is none. */
  find(sha256: string): Promise<StoredObject | undefined>
  /**
   * Bytes from `start` (inclusive) to `end` (inclusive; absent = the last), for whoever iterates them once. A chunk is good
   * until the next one is asked for: then its memory is used again (copying or allocating per chunk halves the throughput).
   * @throws ArtifactNotFound, before the first byte
   */
  read(sha256: string, range?: ByteRange): Promise<AsyncIterable<Uint8Array>>
  /** Removing what is not there is no error. Whoever reads it at that moment reads it to its end. */
  remove(sha256: string): Promise<void>
  /** Every object, in no order; for finding what nothing refers to. */
  list(): AsyncIterable<StoredObject>
  /** Removes what interrupted uploads left behind; tells how many there were. */
  sweep(): Promise<number>
  /** An address at which the store itself serves the object, or undefined if the server has to. */
  presign(sha256: string, fileName: string, ttlMs: number): Promise<string | undefined>
  /** Throws what is wrong if the store cannot be written. */
  check(): Promise<void>
  readonly drafts: DraftStore
}

/**
 * What is there of uploads that come in pieces, by their ids. It is no object: whoever has all of it gives it to `receive`, which copies it, so
 * that nobody who still writes to a draft writes to an object.
 */
export interface DraftStore {
  /** Bytes that are there without a gap; 0 if nothing is. */
  size(id: string): Promise<number>
  /**
   * Writes a piece to its place; what came of it stays when its sender breaks off. Resolves with the end of the piece.
   * @throws UploadOffsetWrong if it would leave a gap; ArtifactTooLarge beyond `maxBytes` of the whole
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

/** Bytes on disk that are no object yet. `discard` has to be called in the end, whether or not they were kept. */
export interface ReceivedObject extends StoredObject {
  /** Makes it an object, durably. The same bytes twice are stored once; bytes that went bad in the store are healed. */
  keep(): Promise<void>
  /** Forgets it. Allowed after `keep`, where it does nothing. */
  discard(): Promise<void>
}
