import { createLzmaDecoder } from './lzma-decoder.ts'
import { PackageFileError } from './package-bytes.ts'

const magic = [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]
const lzma2 = 0x21
/** By the lower four bits of the stream's flags: how long the check after a block is. It is not looked at: the artifact's sha256 is. */
const checkBytes = [0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64]

/** What an .xz file holds (first stream, LZMA2 only, as `xz` makes it). @throws PackageFileError, also if it is more than `maxBytes` */
export function decompressXz(input: Uint8Array, maxBytes: number): Uint8Array {
  if (magic.some((byte, index) => input[index] !== byte)) throw new PackageFileError('it is no xz data')
  const output = new Uint8Array(maxBytes)
  const decoder = createLzmaDecoder(output)
  const afterBlock = checkBytes[byteAt(input, 7) & 0x0f] as number
  let place = 12
  // A block begins with its size, the index after the last block with 0.
  while (byteAt(input, place) !== 0) {
    const dataStart = place + (byteAt(input, place) + 1) * 4
    checkFilters(input, place + 1)
    const dataEnd = decodeBlock(input, dataStart, decoder)
    const paddedBytes = (dataEnd - dataStart + 3) & ~3
    place = dataStart + paddedBytes + afterBlock
  }
  return output.subarray(0, decoder.place)
}

/** Another filter (for machine code) is not used for text. */
function checkFilters(input: Uint8Array, start: number): void {
  const flags = byteAt(input, start)
  let place = start + 1
  const skipNumber = () => {
    while (byteAt(input, place++) >= 0x80);
  }
  if (flags & 0x40) skipNumber()
  if (flags & 0x80) skipNumber()
  if ((flags & 0x03) !== 0 || byteAt(input, place) !== lzma2)
    throw new PackageFileError('it is compressed in a way that is not known here')
}

type Decoder = ReturnType<typeof createLzmaDecoder>

/** Chunks until the one that says that it is the end; returns the place behind it. */
function decodeBlock(input: Uint8Array, start: number, decoder: Decoder): number {
  let place = start
  for (;;) {
    const control = byteAt(input, place++)
    if (control === 0) return place
    if (control >= 0x80) {
      const lengthBytes = ((control & 0x1f) << 16) + shortAt(input, place) + 1
      const compressedBytes = shortAt(input, place + 2) + 1
      place += 4
      const reset = (control >>> 5) & 3
      if (reset === 3) decoder.resetDictionary()
      if (reset >= 2) decoder.resetState(propertiesOf(byteAt(input, place++)))
      else if (reset === 1) decoder.resetState()
      const end = place + compressedBytes
      if (end > input.length) throw new PackageFileError('its compressed data ends too early')
      decoder.decode(input, place, end, lengthBytes)
      place = end
    } else if (control <= 2) {
      const lengthBytes = shortAt(input, place) + 1
      place += 2
      if (control === 1) decoder.resetDictionary()
      if (place + lengthBytes > input.length) throw new PackageFileError('its compressed data ends too early')
      decoder.copy(input.subarray(place, place + lengthBytes))
      place += lengthBytes
    } else throw new PackageFileError('its compressed data is damaged')
  }
}

function propertiesOf(byte: number) {
  const [lc, lp, pb] = [byte % 9, Math.floor(byte / 9) % 5, Math.floor(byte / 45)]
  if (byte >= 225 || lc + lp > 4) throw new PackageFileError('its compressed data is damaged')
  return { lc, lp, pb }
}

function byteAt(input: Uint8Array, place: number): number {
  const byte = input[place]
  if (byte === undefined) throw new PackageFileError('its compressed data ends too early')
  return byte
}

const shortAt = (input: Uint8Array, place: number) => byteAt(input, place) * 256 + byteAt(input, place + 1)
