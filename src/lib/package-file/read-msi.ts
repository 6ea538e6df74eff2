import { TextDecoder } from 'node:util'
import { openCompoundFile } from './compound-file.ts'
import { cleanText, maxTextLength, type PackageBytes, type PackageFacts, PackageFileError } from './package-bytes.ts'

/** A package with hundreds of thousands of files has some MB of strings, all in one stream. */
const maxTextBytes = 16 * 1024 * 1024
const maxPoolBytes = 4 * 1024 * 1024
const maxPropertyBytes = 256 * 1024
const maxSummaryBytes = 256 * 1024

/**
 * Metadata of a Windows Installer package: a database in a compound file, whose tables are streams
 * and whose strings are indexes into a pool, and a summary stream. @throws PackageFileError
 */
export async function readMsi(file: PackageBytes): Promise<PackageFacts> {
  const { streams, properties, name } = await openMsi(file)
  const summary = readSummary(
    (await streams.readStream('\u0005SummaryInformation', maxSummaryBytes)) ?? Buffer.alloc(0),
  )
  const subject = summary(summaryItems.subject)
  return {
    name,
    version: properties.get('ProductVersion') ?? '',
    // `x64;1033`: processors and languages.
    architecture: summary(summaryItems.template).split(/[;,]/)[0] ?? '',
    // Most packages have the title "Installation Database" or their own name.
    summary: properties.get('ARPCOMMENTS') ?? (subject === name ? '' : subject),
    dependencies: [],
  }
}

export interface MsiProduct {
  /** The product code, a GUID in braces, in upper case. */
  readonly code: string
  readonly name: string
  readonly version: string
}

/** @throws PackageFileError, also if the package has no product code */
export async function readMsiProduct(file: PackageBytes): Promise<MsiProduct> {
  const { properties, name } = await openMsi(file)
  const code = (properties.get('ProductCode') ?? '').toUpperCase()
  if (!/^\{[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}\}$/.test(code))
    throw new PackageFileError('its properties have no product code, by which Windows Installer knows the product')
  return { code, name, version: properties.get('ProductVersion') ?? '' }
}

async function openMsi(file: PackageBytes) {
  const streams = await openCompoundFile(file)
  const read = async (table: string, maxBytes: number) => {
    const bytes = await streams.readStream(nameOfTable(table), maxBytes)
    if (bytes === undefined) throw new PackageFileError('it is no Windows Installer package')
    return bytes
  }
  const texts = createTexts(await read('_StringPool', maxPoolBytes), await read('_StringData', maxTextBytes))
  const properties = readProperties(await read('Property', maxPropertyBytes), texts)
  const name = properties.get('ProductName') ?? ''
  if (name === '') throw new PackageFileError('its properties name no product')
  return { streams, properties, name }
}

const letters = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._'

/**
 * Stream names are limited to 31 characters, table names are longer: two letters are encoded in one
 * character, after a prefix that marks a table.
 */
function nameOfTable(table: string): string {
  const codes = [...table].map((letter) => letters.indexOf(letter))
  let name = '\u4840'
  for (let index = 0; index < codes.length; index += 2) {
    const [first = 0, second] = [codes[index], codes[index + 1]]
    name += String.fromCharCode(second === undefined ? 0x4800 + first : 0x3800 + first + (second << 6))
  }
  return name
}

interface Texts {
  /** Size in bytes of a string index in a table. */
  readonly numberBytes: 2 | 3
  at(number: number): string
  /** Indexes of these ASCII strings. */
  find(wanted: readonly string[]): ReadonlyMap<number, string>
}

/** The pool contains the length of each string, the data stream all strings concatenated. */
function createTexts(pool: Buffer, data: Buffer): Texts {
  if (pool.length < 4) throw new PackageFileError('it is no Windows Installer package')
  const head = pool.readUInt32LE(0)
  const decoder = decoderOf(head & 0x7f_ff_ff_ff)
  // String 0 is empty.
  const ends = [0]
  let end = 0
  for (let place = 4; place + 4 <= pool.length; place += 4) {
    let length = pool.readUInt16LE(place)
    const uses = pool.readUInt16LE(place + 2)
    if (length === 0 && uses > 0 && place + 8 <= pool.length) {
      // Longer than 64 KB: this entry has the upper half of the length, the next one the lower
      // half.
      place += 4
      length = uses * 0x1_00_00 + pool.readUInt16LE(place)
    }
    end += length
    ends.push(end)
  }
  return {
    numberBytes: head >= 0x80_00_00_00 ? 3 : 2,
    at(number) {
      const [from, to] = [ends[number - 1], ends[number]]
      if (from === undefined || to === undefined) return ''
      return cleanText(decoder.decode(data.subarray(from, Math.min(to, from + 4 * maxTextLength))))
    },
    find(wanted) {
      const byLength = Map.groupBy(wanted, ({ length }) => length)
      const found = new Map<number, string>()
      for (let number = 1; number < ends.length; number++) {
        const [from, to] = [ends[number - 1] as number, ends[number] as number]
        // A pool has any number of strings: only those of interest are decoded.
        const sameLength = byLength.get(to - from)
        const text = sameLength && data.toString('latin1', from, to)
        if (text !== undefined && sameLength?.includes(text)) found.set(number, text)
      }
      return found
    },
  }
}

/** Windows code pages of packages; 0 means none in particular. */
const characterSets = new Map([
  [932, 'shift_jis'],
  [936, 'gbk'],
  [949, 'euc-kr'],
  [950, 'big5'],
  [65_001, 'utf-8'],
])

function decoderOf(codePage: number): TextDecoder {
  const isWindows = codePage === 874 || (codePage >= 1250 && codePage <= 1258)
  return new TextDecoder(characterSets.get(codePage) ?? `windows-${isWindows ? codePage : 1252}`)
}

const wantedProperties = ['ProductName', 'ProductVersion', 'ProductCode', 'ARPCOMMENTS'] as const

/**
 * Two columns, stored one after the other. A table has any number of rows, each with a string of
 * any length: only the requested rows are decoded.
 */
function readProperties(table: Buffer, { numberBytes, at, find }: Texts): Map<string, string> {
  const rows = Math.floor(table.length / (2 * numberBytes))
  const numberAt = (cell: number) => table.readUIntLE(cell * numberBytes, numberBytes)
  const names = find(wantedProperties)
  const values = new Map<string, number>()
  for (let row = 0; row < rows; row++) {
    const name = names.get(numberAt(row))
    if (name !== undefined) values.set(name, numberAt(rows + row))
  }
  return new Map([...values].map(([name, number]) => [name, at(number)]))
}

const summaryItems = { codePage: 1, subject: 3, template: 7 } as const
const itemTypes = { int16: 2, text: 30 } as const

/**
 * The strings of a property set ([MS-OLEPS]) by their ids; empty if there is none. Ignores invalid
 * parts.
 */
function readSummary(bytes: Buffer): (item: number) => string {
  const number = (place: number) => (place + 4 <= bytes.length ? bytes.readUInt32LE(place) : 0)
  const section = number(44)
  const count = section === 0 ? 0 : Math.min(number(section + 4), 100)
  const items = new Map(
    Array.from({ length: count }, (_, index) => {
      const place = section + 8 + 8 * index
      return [number(place), section + number(place + 4)]
    }),
  )
  const find = (item: number, type: number) => {
    const place = items.get(item)
    return place !== undefined && number(place) === type ? place + 4 : undefined
  }
  const codePage = find(summaryItems.codePage, itemTypes.int16)
  const decoder = decoderOf(codePage === undefined ? 0 : number(codePage) & 0xff_ff)
  return (item) => {
    const place = find(item, itemTypes.text)
    if (place === undefined) return ''
    const text = bytes.subarray(place + 4, place + 4 + Math.min(number(place), 4 * maxTextLength))
    return cleanText(decoder.decode(text))
  }
}
