import { createHash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { chandlerError } from '../core/error/errors.ts'
import { explainFileError } from './explain-file-error.ts'
import type { StoredObject } from './object-store.ts'

/**
 * Writes the stream to the file and returns its size and digest. Holds one chunk at a time: it
 * reads from the sender only as fast as the disk writes. Errors of the stream pass unchanged.
 * @throws ArtifactTooLarge at the first byte beyond `maxBytes`
 */
export async function writeStream(file: FileHandle, bytes: Readable, maxBytes: number): Promise<StoredObject> {
  const hash = createHash('sha256')
  let sizeBytes = 0
  // Destroying a request would close its socket, and the sender would never receive the error.
  for await (const chunk of bytes.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length
    if (sizeBytes > maxBytes) throw chandlerError('ArtifactTooLarge', { maxBytes })
    // The disk writes while the digest is computed.
    const written = explainFileError(() => writeAll(file, chunk))
    hash.update(chunk)
    await written
  }
  return { sha256: hash.digest('hex'), sizeBytes }
}

/** A write may be partial, for example on a full disk. */
async function writeAll(file: FileHandle, chunk: Buffer) {
  for (let offset = 0; offset < chunk.length; ) {
    const { bytesWritten } = await file.write(chunk, offset)
    offset += bytesWritten
  }
}
