import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import { Parser, type ReadEntry } from 'tar'
import { decompressXz } from './decompress-xz.ts'
import {
  cleanText,
  maxDependencies,
  type PackageBytes,
  type PackageFacts,
  PackageFileError,
  readExactly,
} from './package-bytes.ts'

/** Control data takes a few KB; packages with every maintainer script about 100 KB. */
const maxCompressedBytes = 1024 * 1024
const maxControlBytes = 4 * 1024 * 1024
const maxMembers = 8

/**
 * Metadata of a Debian package (deb(5): an ar archive that contains control.tar). @throws
 * PackageFileError
 */
export async function readDeb(file: PackageBytes): Promise<PackageFacts> {
  const control = findTarEntry(await readControlArchive(file), 'control')
  const fields = parseFields(control.toString('utf8'))
  const field = (name: string) => cleanText(fields.get(name) ?? '')
  if (field('package') === '') throw new PackageFileError('its control file names no package')
  return {
    name: field('package'),
    version: field('version'),
    architecture: field('architecture'),
    summary: cleanText((fields.get('description') ?? '').split('\n')[0] ?? ''),
    dependencies: ['pre-depends', 'depends'].flatMap(splitField(fields)).slice(0, maxDependencies),
  }
}

const splitField = (fields: ReadonlyMap<string, string>) => (name: string) =>
  (fields.get(name) ?? '')
    .split(',', 10 * maxDependencies)
    .map(cleanText)
    .filter((word) => word !== '')

/**
 * Unpacks control.tar. A member of an ar archive has a header of 60 bytes with name and size; its
 * bytes are padded to an even offset.
 */
async function readControlArchive(file: PackageBytes): Promise<Buffer> {
  let place = 8
  for (let member = 0; member < maxMembers; member++) {
    const header = (await readExactly(file, place, 60)).toString('latin1')
    const sizeText = header.slice(48, 58).trim()
    if (header.slice(58) !== '`\n' || !/^\d{1,10}$/.test(sizeText))
      throw new PackageFileError('it is no archive of a Debian package')
    const sizeBytes = Number(sizeText)
    const name = header.slice(0, 16).trim().replace(/\/$/, '')
    if (name.startsWith('control.tar')) {
      if (sizeBytes > maxCompressedBytes) throw new PackageFileError('its control data is larger than is looked at')
      return await decompress(await readExactly(file, place + 60, sizeBytes))
    }
    place += 60 + sizeBytes + (sizeBytes % 2)
  }
  throw new PackageFileError('it holds no control data')
}

const isGzip = (bytes: Buffer) => bytes[0] === 0x1f && bytes[1] === 0x8b

async function decompress(bytes: Buffer): Promise<Buffer> {
  const options = { maxOutputLength: maxControlBytes }
  try {
    if (isGzip(bytes)) return gunzipSync(bytes, options)
    if (bytes.length >= 4 && bytes.readUInt32LE(0) === 0xfd2fb528) return zstdDecompressSync(bytes, options)
    if (bytes[0] === 0xfd) return await decompressXz(bytes, maxControlBytes)
    return bytes
  } catch (error) {
    if (error instanceof PackageFileError) throw error
    throw new PackageFileError('its control data cannot be unpacked', { cause: error })
  }
}

/** The content of a top-level file in a tar archive. */
function findTarEntry(archive: Buffer, wanted: string): Buffer {
  // The library would decompress it a second time, without a limit.
  if (isGzip(archive)) throw new PackageFileError('its control data is compressed twice')
  let found: Buffer | undefined
  const parser = new Parser({ brotli: false, zstd: false })
  parser.on('error', (cause: Error) => {
    throw new PackageFileError('its control data cannot be unpacked', { cause })
  })
  parser.on('entry', (entry: ReadEntry) => {
    const isWanted = found === undefined && entry.type === 'File' && entry.path.replace(/^\.\//, '') === wanted
    const pieces: Buffer[] = []
    if (isWanted) {
      entry.on('data', (piece: Buffer) => pieces.push(piece))
      entry.on('end', () => {
        const content = Buffer.concat(pieces)
        if (content.length === entry.size) found ??= content
      })
    }
    entry.resume()
  })
  parser.end(archive)
  if (found === undefined) throw new PackageFileError(`its control data holds no file ${wanted}`)
  return found
}

/** `Name: value`; a line that starts with a space continues the previous value. */
function parseFields(text: string): Map<string, string> {
  const fields = new Map<string, string>()
  let last: string | undefined
  for (const line of text.split('\n')) {
    const match = /^([A-Za-z0-9-]{1,64}):(.*)$/.exec(line)
    if (match) {
      last = (match[1] as string).toLowerCase()
      fields.set(last, (match[2] as string).trim())
    } else if (last !== undefined && /^[ \t]/.test(line)) fields.set(last, `${fields.get(last)}\n${line.trim()}`)
  }
  return fields
}
