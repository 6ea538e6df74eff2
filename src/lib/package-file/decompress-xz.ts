import xz from 'xz-decompress'
import { PackageFileError } from './package-bytes.ts'

/**
 * Unpacks .xz data into at most `maxBytes`. The decoder is WebAssembly, so hostile data can only
 * affect its own memory. Rejects with PackageFileError if the data is larger, and with the
 * decoder's error if it is corrupt.
 */
export async function decompressXz(input: Uint8Array, maxBytes: number): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  let sizeBytes = 0
  for await (const piece of new xz.XzReadableStream(new Blob([new Uint8Array(input)]).stream())) {
    sizeBytes += piece.length
    if (sizeBytes > maxBytes) throw new PackageFileError('it holds more than is looked at')
    pieces.push(piece)
  }
  return Buffer.concat(pieces)
}
