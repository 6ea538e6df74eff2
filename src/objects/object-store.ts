import type { Readable } from 'node:stream'

/**
 * Where artifact bytes live, by their sha256. Two drivers: a directory (embedded default) and, later, any S3-compatible store.
 * Bytes are streamed: no driver ever holds a whole artifact in memory.
 */
export interface ObjectStore {
  /** Stores the stream; the answer tells what it was. The same bytes twice are stored once. More than maxBytes: refused, nothing left behind. */
  put(bytes: Readable, maxBytes: number): Promise<StoredObject & { readonly existed: boolean }>
  /** Undefined if there is none. */
  find(sha256: string): Promise<StoredObject | undefined>
  /** Bytes from `start` (inclusive) to `end` (inclusive; absent = the last). */
  read(sha256: string, range?: { readonly start: number; readonly end?: number }): Promise<Readable>
  remove(sha256: string): Promise<void>
  /** Every stored sha256; for finding what nothing refers to. */
  list(): AsyncIterable<StoredObject>
  /** An address at which the store itself serves the object, or undefined if the server has to. */
  presign(sha256: string, fileName: string, ttlMs: number): Promise<string | undefined>
  /** Throws what is wrong if the store cannot be written. */
  check(): Promise<void>
}

export interface StoredObject {
  readonly sha256: string
  readonly sizeBytes: number
}
