import {
  cleanText,
  maxDependencies,
  maxTextLength,
  type PackageBytes,
  type PackageFacts,
  PackageFileError,
  readExactly,
} from './package-bytes.ts'

/** Tags of header entries, and types of their values. */
const tags = {
  name: 1000,
  version: 1001,
  release: 1002,
  epoch: 1003,
  summary: 1004,
  arch: 1022,
  requireFlags: 1048,
  requireName: 1049,
  requireVersion: 1050,
} as const
const types = { int32: 4, string: 6, stringArray: 8, i18nString: 9 } as const

const leadBytes = 96
const maxEntries = 65_536
const maxListBytes = 512 * 1024

interface Header {
  readonly entries: ReadonlyMap<number, Entry>
  /** Offset of the values. */
  readonly storeStart: number
  readonly end: number
}
interface Entry {
  readonly type: number
  readonly offset: number
  readonly count: number
}

/**
 * Metadata of an RPM package: a lead, a signature header, and the header that this function reads.
 * @throws PackageFileError
 */
export async function readRpm(file: PackageBytes): Promise<PackageFacts> {
  const signatures = await readHeader(file, leadBytes)
  const header = await readHeader(file, Math.ceil(signatures.end / 8) * 8)
  const text = (tag: number) => readText(file, header, tag)
  const name = await text(tags.name)
  if (name === '') throw new PackageFileError('its header names no package')
  const [epoch] = await readNumbers(file, header, tags.epoch)
  const release = await text(tags.release)
  return {
    name,
    version: `${epoch ? `${epoch}:` : ''}${await text(tags.version)}${release && `-${release}`}`,
    architecture: await text(tags.arch),
    summary: await text(tags.summary),
    dependencies: await readDependencies(file, header),
  }
}

async function readHeader(file: PackageBytes, start: number): Promise<Header> {
  const head = await readExactly(file, start, 16)
  const [count, storeBytes] = [head.readUInt32BE(8), head.readUInt32BE(12)]
  if (head.readUInt32BE(0) !== 0x8eade801) throw new PackageFileError('it is no RPM package')
  if (count > maxEntries) throw new PackageFileError('its header has more entries than are looked at')
  const index = await readExactly(file, start + 16, 16 * count)
  const entries = new Map<number, Entry>()
  for (let place = 0; place < index.length; place += 16)
    entries.set(index.readUInt32BE(place), {
      type: index.readUInt32BE(place + 4),
      offset: index.readUInt32BE(place + 8),
      count: index.readUInt32BE(place + 12),
    })
  const storeStart = start + 16 + 16 * count
  return { entries, storeStart, end: storeStart + storeBytes }
}

/** At most so many bytes of the values from an offset, within the header. */
function readStore(file: PackageBytes, { storeStart, end }: Header, offset: number, maxBytes: number) {
  const start = storeStart + offset
  const lengthBytes = Math.min(maxBytes, Math.min(end, file.sizeBytes) - start)
  return lengthBytes <= 0 ? Promise.resolve(Buffer.alloc(0)) : file.read(start, lengthBytes)
}

async function readText(file: PackageBytes, header: Header, tag: number): Promise<string> {
  const entry = header.entries.get(tag)
  if (entry?.type !== types.string && entry?.type !== types.i18nString) return ''
  const bytes = await readStore(file, header, entry.offset, maxTextLength * 4)
  return cleanText(bytes.subarray(0, lengthOf(bytes)).toString('utf8'))
}

/** Up to the terminating zero of a string. */
const lengthOf = (bytes: Buffer) => (bytes.includes(0) ? bytes.indexOf(0) : bytes.length)

async function readList(file: PackageBytes, header: Header, tag: number): Promise<string[]> {
  const entry = header.entries.get(tag)
  if (entry?.type !== types.stringArray) return []
  const bytes = await readStore(file, header, entry.offset, maxListBytes)
  return bytes
    .toString('utf8')
    .split('\0')
    .slice(0, Math.min(entry.count, 10 * maxDependencies))
    .map(cleanText)
}

async function readNumbers(file: PackageBytes, header: Header, tag: number): Promise<number[]> {
  const entry = header.entries.get(tag)
  if (entry?.type !== types.int32) return []
  const bytes = await readStore(file, header, entry.offset, 4 * Math.min(entry.count, 10 * maxDependencies))
  return Array.from({ length: Math.floor(bytes.length / 4) }, (_, index) => bytes.readUInt32BE(4 * index))
}

async function readDependencies(file: PackageBytes, header: Header): Promise<string[]> {
  const names = await readList(file, header, tags.requireName)
  const versions = await readList(file, header, tags.requireVersion)
  const flags = await readNumbers(file, header, tags.requireFlags)
  const dependencies = names.flatMap((name, index) => {
    // Features of rpm itself and the package's own configuration are not dependencies to install.
    if (name === '' || /^(?:rpmlib|config)\(/.test(name)) return []
    const sense = (flags[index] ?? 0) & 0x0e
    const comparison = `${sense & 0x02 ? '<' : ''}${sense & 0x04 ? '>' : ''}${sense & 0x08 ? '=' : ''}`
    const version = versions[index] ?? ''
    return [comparison && version ? `${name} ${comparison} ${version}` : name]
  })
  return [...new Set(dependencies)].slice(0, maxDependencies)
}
