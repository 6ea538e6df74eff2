import { ArchiveError } from './archive-error.ts'

/** As much as deflate can pack; what claims more is made to fill disks. */
const maxRatio = 1_000
/** Tiny archives hold mostly padding. */
const alwaysBytes = 1024 * 1024
/** The largest software trees have some 100,000 files; every one takes an inode of the instance. */
const maxEntries = 500_000

export interface ArchiveMeter {
  /** So many more bytes were unpacked. Throws when they are too many for the archive's size. */
  bytes(count: number): void
  entry(): void
}

/** Keeps a small archive from filling a disk, or its table of files. */
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
