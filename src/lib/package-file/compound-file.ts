import { type PackageBytes, PackageFileError, readExactly } from './package-bytes.ts'

/**
 * A compound file ([MS-CFB]): a small file system in sectors of one size, chained by an allocation table that lies in sectors itself. Streams shorter
 * than 4 KB lie in small sectors of their own inside of one stream. Only what is asked for is read, and never more than these limits, whatever the
 * file says of itself. (Libraries for it want the whole file in memory; a package may have gigabytes.)
 */
export interface CompoundFile {
  /** A stream beside the root, whole; nothing if there is none of that name. @throws PackageFileError if it is longer, or cannot be read. */
  readStream(name: string, maxBytes: number): Promise<Buffer | undefined>
}

const endOfChain = 0xff_ff_ff_fe
const none = 0xff_ff_ff_ff
const headerBytes = 512
const entryBytes = 128
const smallSectorBytes = 64
const headerTables = 109
/** 4 GB in sectors of 512 bytes. */
const maxTableLists = 512
const maxDirectoryBytes = 4 * 1024 * 1024
const maxSmallBytes = 64 * 1024 * 1024

const noCompoundFile = 'it is no Windows Installer package'

interface Stream {
  readonly start: number
  readonly sizeBytes: number
}

export async function openCompoundFile(file: PackageBytes): Promise<CompoundFile> {
  const header = await readExactly(file, 0, headerBytes)
  const sectorBytes = 1 << header.readUInt16LE(0x1e)
  if (sectorBytes !== 512 && sectorBytes !== 4096) throw new PackageFileError(noCompoundFile)
  const sectors = createSectors(file, sectorBytes, await readTablePlaces(file, header, sectorBytes))
  const directory = await sectors.readAll(header.readUInt32LE(0x30), maxDirectoryBytes)
  const { root, streams } = readDirectory(directory)
  const smallBelow = header.readUInt32LE(0x38)
  const smallTable = { start: header.readUInt32LE(0x3c), sizeBytes: header.readUInt32LE(0x40) * sectorBytes }

  async function readSmall({ start, sizeBytes }: Stream): Promise<Buffer> {
    const table = await sectors.read(smallTable, maxSmallBytes / 16)
    const places = await sectors.chain(root, maxSmallBytes)
    const pieces: Buffer[] = []
    let sector = start
    for (let left = sizeBytes; left > 0; left -= smallSectorBytes) {
      const place = sector * smallSectorBytes
      const outer = places[Math.floor(place / sectorBytes)]
      if (outer === undefined || 4 * sector + 4 > table.length) throw new PackageFileError('it holds a broken chain')
      const at = (outer + 1) * sectorBytes + (place % sectorBytes)
      pieces.push(await readExactly(file, at, Math.min(left, smallSectorBytes)))
      sector = table.readUInt32LE(4 * sector)
    }
    return Buffer.concat(pieces)
  }

  return {
    async readStream(name, maxBytes) {
      const stream = streams.get(name)
      if (stream === undefined) return undefined
      if (stream.sizeBytes > maxBytes) throw new PackageFileError('it holds more than is looked at')
      return stream.sizeBytes < smallBelow ? await readSmall(stream) : await sectors.read(stream, maxBytes)
    },
  }
}

/** Which sectors hold the allocation table: the first 109 stand in the header, the others in a chain of lists. */
async function readTablePlaces(file: PackageBytes, header: Buffer, sectorBytes: number): Promise<number[]> {
  const count = header.readUInt32LE(0x2c)
  const places = readNumbers(header.subarray(0x4c, 0x4c + 4 * headerTables))
  let list = header.readUInt32LE(0x44)
  for (let lists = 0; places.length < count && list < endOfChain; lists++) {
    if (lists === maxTableLists) throw new PackageFileError('it is larger than is looked at')
    const numbers = readNumbers(await readExactly(file, (list + 1) * sectorBytes, sectorBytes))
    list = numbers.pop() ?? none
    places.push(...numbers)
  }
  return places.slice(0, count)
}

const readNumbers = (bytes: Buffer) =>
  Array.from({ length: bytes.length >> 2 }, (_, index) => bytes.readUInt32LE(4 * index))

function createSectors(file: PackageBytes, sectorBytes: number, tablePlaces: readonly number[]) {
  const tables = new Map<number, Buffer>()
  const placeOf = (sector: number) => (sector + 1) * sectorBytes

  async function nextOf(sector: number): Promise<number> {
    const index = Math.floor((4 * sector) / sectorBytes)
    const place = tablePlaces[index]
    if (place === undefined || place >= endOfChain) throw new PackageFileError('it holds a broken chain')
    const table = tables.get(index) ?? (await readExactly(file, placeOf(place), sectorBytes))
    tables.set(index, table)
    return table.readUInt32LE((4 * sector) % sectorBytes)
  }

  /** The sectors of a chain: as many as its bytes need, or all until its end. */
  async function follow(start: number, count: number | undefined, maxCount: number): Promise<number[]> {
    const chain: number[] = []
    for (let sector = start; chain.length !== count; sector = await nextOf(sector)) {
      if (sector === endOfChain && count === undefined) break
      if (sector >= endOfChain) throw new PackageFileError('it holds a broken chain')
      if (chain.length === maxCount) throw new PackageFileError('it holds more than is looked at')
      chain.push(sector)
    }
    return chain
  }

  /** Neighbours in one go. */
  async function readSectors(chain: readonly number[]): Promise<Buffer> {
    const pieces: Buffer[] = []
    for (let index = 0; index < chain.length; ) {
      const first = chain[index] as number
      let length = 1
      while (chain[index + length] === first + length) length++
      pieces.push(await readExactly(file, placeOf(first), length * sectorBytes))
      index += length
    }
    return Buffer.concat(pieces)
  }

  const chain = ({ start, sizeBytes }: Stream, maxBytes: number) =>
    follow(start, Math.ceil(sizeBytes / sectorBytes), Math.ceil(maxBytes / sectorBytes))
  return {
    chain,
    read: async (stream: Stream, maxBytes: number) =>
      (await readSectors(await chain(stream, maxBytes))).subarray(0, stream.sizeBytes),
    readAll: async (start: number, maxBytes: number) =>
      readSectors(await follow(start, undefined, Math.ceil(maxBytes / sectorBytes))),
  }
}

/** The streams beside the root, a tree of siblings; what lies in folders below belongs to packages within this one. */
function readDirectory(directory: Buffer): { root: Stream; streams: Map<string, Stream> } {
  const count = Math.floor(directory.length / entryBytes)
  const streams = new Map<string, Stream>()
  const seen = new Set<number>()
  const entryAt = (index: number) => directory.subarray(index * entryBytes, (index + 1) * entryBytes)
  const streamOf = (entry: Buffer) => ({ start: entry.readUInt32LE(0x74), sizeBytes: entry.readUInt32LE(0x78) })
  if (count === 0) throw new PackageFileError(noCompoundFile)
  const open = [entryAt(0).readUInt32LE(0x4c)]
  for (let index = open.pop(); index !== undefined; index = open.pop()) {
    if (index >= count || seen.has(index)) continue
    seen.add(index)
    const entry = entryAt(index)
    const nameBytes = Math.max(0, Math.min(64, entry.readUInt16LE(0x40)) - 2)
    if (entry[0x42] === 2) streams.set(entry.toString('utf16le', 0, nameBytes), streamOf(entry))
    open.push(entry.readUInt32LE(0x44), entry.readUInt32LE(0x48))
  }
  return { root: streamOf(entryAt(0)), streams }
}
