import { type PackageBytes, PackageFileError, readExactly } from './package-bytes.ts'

/**
 * A compound file ([MS-CFB]): a small file system in sectors of one size, chained by an allocation
 * table that is itself stored in sectors. Streams shorter than 4 KB are stored in small sectors
 * inside one stream. The reader loads only what the caller requests, within these limits, whatever
 * sizes the file claims. (Libraries for this format need the whole file in memory; a package may
 * have gigabytes.)
 */
export interface CompoundFile {
  /**
   * A whole stream of the root storage; undefined if it does not exist. @throws PackageFileError if
   * the stream is too long or unreadable
   */
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
const brokenChain = 'it holds a broken chain'

interface Stream {
  readonly start: number
  readonly sizeBytes: number
}

export async function openCompoundFile(file: PackageBytes): Promise<CompoundFile> {
  const header = await readExactly(file, 0, headerBytes)
  const sectorBytes = 1 << header.readUInt16LE(0x1e)
  if (sectorBytes !== 512 && sectorBytes !== 4096) throw new PackageFileError(noCompoundFile)
  const tablePlaces = await readTablePlaces(file, header, sectorBytes)
  const large = createLargeSectors(file, sectorBytes, tablePlaces)
  const directory = await large.readAll(header.readUInt32LE(0x30), maxDirectoryBytes)
  const { root, streams } = readDirectory(directory)
  const smallBelow = header.readUInt32LE(0x38)
  const smallTable = { start: header.readUInt32LE(0x3c), sizeBytes: header.readUInt32LE(0x40) * sectorBytes }
  let small: Promise<Sectors> | undefined
  const openSmall = () => {
    small ??= openSmallSectors(file, large, smallTable, root)
    return small
  }
  return {
    async readStream(name, maxBytes) {
      const stream = streams.get(name)
      if (stream === undefined) return undefined
      if (stream.sizeBytes > maxBytes) throw new PackageFileError('it holds more than is looked at')
      const sectors = stream.sizeBytes < smallBelow ? await openSmall() : large
      return sectors.read(stream, maxBytes)
    },
  }
}

/**
 * The sectors of the allocation table: the header lists the first 109, a chain of lists the others.
 */
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

/** Chains of sectors of one size. */
interface Sectors {
  readonly sectorBytes: number
  /** The sectors of a stream, in order. */
  chain(stream: Stream, maxBytes: number): Promise<number[]>
  read(stream: Stream, maxBytes: number): Promise<Buffer>
  /** The whole chain. */
  readAll(start: number, maxBytes: number): Promise<Buffer>
}

function createSectors(
  sectorBytes: number,
  nextOf: (sector: number) => number | Promise<number>,
  readRun: (first: number, lengthBytes: number) => Promise<Buffer>,
): Sectors {
  /** At most the requested number of sectors. */
  async function follow(start: number, count: number | undefined, maxBytes: number): Promise<number[]> {
    const chain: number[] = []
    for (let sector = start; chain.length !== count; sector = await nextOf(sector)) {
      if (sector === endOfChain && count === undefined) break
      if (sector >= endOfChain) throw new PackageFileError(brokenChain)
      if (chain.length * sectorBytes >= maxBytes) throw new PackageFileError('it holds more than is looked at')
      chain.push(sector)
    }
    return chain
  }

  /** Reads adjacent sectors at once. */
  async function readSectors(chain: readonly number[]): Promise<Buffer> {
    const pieces: Buffer[] = []
    for (let index = 0; index < chain.length; ) {
      const first = chain[index] as number
      let length = 1
      while (chain[index + length] === first + length) length++
      pieces.push(await readRun(first, length * sectorBytes))
      index += length
    }
    return Buffer.concat(pieces)
  }

  const chain = ({ start, sizeBytes }: Stream, maxBytes: number) =>
    follow(start, Math.ceil(sizeBytes / sectorBytes), maxBytes)
  return {
    sectorBytes,
    chain,
    read: async (stream, maxBytes) => (await readSectors(await chain(stream, maxBytes))).subarray(0, stream.sizeBytes),
    readAll: async (start, maxBytes) => readSectors(await follow(start, undefined, maxBytes)),
  }
}

/** Their allocation table may be large, so only the requested part is read. */
function createLargeSectors(file: PackageBytes, sectorBytes: number, tablePlaces: readonly number[]): Sectors {
  const tables = new Map<number, Buffer>()
  const readRun = (first: number, lengthBytes: number) => readExactly(file, (first + 1) * sectorBytes, lengthBytes)
  async function nextOf(sector: number): Promise<number> {
    const index = Math.floor((4 * sector) / sectorBytes)
    const place = tablePlaces[index]
    if (place === undefined || place >= endOfChain) throw new PackageFileError(brokenChain)
    const table = tables.get(index) ?? (await readRun(place, sectorBytes))
    tables.set(index, table)
    return table.readUInt32LE((4 * sector) % sectorBytes)
  }
  return createSectors(sectorBytes, nextOf, readRun)
}

/** They are stored consecutively in the stream of the root, with a table of their own. */
async function openSmallSectors(file: PackageBytes, large: Sectors, table: Stream, root: Stream): Promise<Sectors> {
  const next = await large.read(table, maxSmallBytes / 16)
  const places = await large.chain(root, maxSmallBytes)
  const nextOf = (sector: number) => {
    if (4 * sector + 4 > next.length) throw new PackageFileError(brokenChain)
    return next.readUInt32LE(4 * sector)
  }
  async function readRun(first: number, lengthBytes: number): Promise<Buffer> {
    const pieces: Buffer[] = []
    const end = first * smallSectorBytes + lengthBytes
    for (let at = first * smallSectorBytes; at < end; ) {
      const place = places[Math.floor(at / large.sectorBytes)]
      if (place === undefined) throw new PackageFileError(brokenChain)
      const within = at % large.sectorBytes
      const piece = Math.min(end - at, large.sectorBytes - within)
      pieces.push(await readExactly(file, (place + 1) * large.sectorBytes + within, piece))
      at += piece
    }
    return Buffer.concat(pieces)
  }
  return createSectors(smallSectorBytes, nextOf, readRun)
}

/**
 * The streams of the root storage, a tree of siblings; storages below it belong to nested packages.
 */
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
