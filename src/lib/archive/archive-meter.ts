import { ArchiveError } from './archive-error.ts'

/** The maximum ratio of deflate; a higher one means a decompression bomb. */
const maxRatio = 1_000
/** Small archives consist mostly of padding. */
const alwaysBytes = 1024 * 1024
/**
 * The largest software trees have about 100,000 files, and each file needs an inode of the
 * instance.
 */
const maxEntries = 500_000

export interface ArchiveMeter {
  /** Counts unpacked bytes. Throws when they exceed the limit for the archive's size. */
  bytes(count: number): void
  entry(): void
}

/** Prevents a small archive from filling a disk or its inode table. */
export function createArchiveMeter(packedBytes: number): ArchiveMeter {
  const limitBytes = Math.max(alwaysBytes, packedBytes * maxRatio)
  let unpackedBytes = 0
  let entries = 0
  return {
    bytes(count) {
      unpackedBytes += count
      if (unpackedBytes > limitBytes)
        throw new ArchiveError(`it unpacks to more than ${maxRatio} times its ${packedBytes} bytes`)
    },
    entry() {
      if (++entries > maxEntries) throw new ArchiveError(`it holds more than ${maxEntries} entries`)
    },
  }
}
