import type { FileHandle } from 'node:fs/promises'
import { chandlerError } from '../core/error/errors.ts'
import { explainFileError } from './explain-file-error.ts'
import type { ByteRange } from './object-store.ts'

/**
 * One buffer per reader, reused for every chunk. Measured with 512 MB files from the page cache
 * over loopback, one download and eight: createReadStream with 64 KiB 825 and 1,630 MB/s, with 1
 * MiB 1,560 and 2,190; this with 64 KiB 1,070 and 1,870, with 256 KiB 2,580 and 3,120 at half the
 * CPU; reading ahead into a second buffer gained nothing. nginx with sendfile and two workers in
 * the same run: 2,340 and 2,870.
 */
const chunkBytes = 256 * 1024
/** Most of many readers wait for a slow network: a thousand readers hold 80 MB. */
const crowdedChunkBytes = 64 * 1024
const crowd = 64

/**
 * Reads the file from `start` to `end`, both inclusive, and closes it even if the caller stops
 * early; then calls `onClose`.
 * @throws ObjectStoreUnavailable when the disk fails or the file ends before `end`
 */
export async function* readChunks(
  file: FileHandle,
  range: ByteRange | undefined,
  readers: number,
  onClose: () => void,
): AsyncGenerator<Uint8Array> {
  try {
    let position = range?.start ?? 0
    const stop = range?.end === undefined ? (await explainFileError(() => file.stat())).size : range.end + 1
    // Not from the shared pool, and not zeroed: every byte is written before the caller sees it.
    const buffer = Buffer.allocUnsafeSlow(
      Math.max(1, Math.min(readers > crowd ? crowdedChunkBytes : chunkBytes, stop - position)),
    )
    while (position < stop) {
      const wanted = Math.min(buffer.length, stop - position)
      const { bytesRead } = await explainFileError(() => file.read(buffer, 0, wanted, position))
      if (bytesRead === 0)
        throw chandlerError('ObjectStoreUnavailable', {}, { reason: 'the object is shorter than it was' })
      position += bytesRead
      yield buffer.subarray(0, bytesRead)
    }
  } finally {
    onClose()
    await file.close()
  }
}
