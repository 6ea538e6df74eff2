import { describe, expect, test } from 'vitest'
import { packageSamples } from '../../../test/package-samples.ts'
import { readPackageApart } from './read-package-apart.ts'
import { readPackageFile } from './read-package-file.ts'

const fileOf = (bytes: Buffer) => ({
  sizeBytes: bytes.length,
  read: async (start: number, lengthBytes: number) => bytes.subarray(start, start + lengthBytes),
})

const sectorBytes = 512
const endOfChain = 0xff_ff_ff_fe

/** As in read-msi.ts: table names encode two letters in one character. */
function nameOfTable(table: string): string {
  const letters = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._'
  const codes = [...table].map((letter) => letters.indexOf(letter))
  let name = '\u4840'
  for (let index = 0; index < codes.length; index += 2) {
    const [first = 0, second] = [codes[index], codes[index + 1]]
    name += String.fromCharCode(second === undefined ? 0x4800 + first : 0x3800 + first + (second << 6))
  }
  return name
}

/** A compound file with these streams, each of 4 KB or more. */
function makeCompoundFile(streams: Record<string, Buffer>): Buffer {
  const contents = Object.values(streams)
  const counts = contents.map(({ length }) => Math.ceil(length / sectorBytes))
  const directorySectors = Math.ceil((contents.length + 1) / 4)
  const dataSectors = counts.reduce((sum, count) => sum + count, 0)
  let tableSectors = 1
  while (tableSectors * 128 < tableSectors + directorySectors + dataSectors) tableSectors++
  const table = Buffer.alloc(tableSectors * sectorBytes, 0xff)
  const chain = (start: number, count: number) => {
    for (let index = 0; index < count; index++)
      table.writeUInt32LE(index === count - 1 ? endOfChain : start + index + 1, 4 * (start + index))
  }
  chain(tableSectors, directorySectors)
  const directory = Buffer.alloc(directorySectors * sectorBytes)
  const entry = (index: number, name: string, kind: number, start: number, sizeBytes: number) => {
    const at = directory.subarray(index * 128, (index + 1) * 128)
    at.write(name, 0, 'utf16le')
    at.writeUInt16LE(2 * (name.length + 1), 0x40)
    at[0x42] = kind
    at.writeUInt32LE(0xff_ff_ff_ff, 0x44)
    at.writeUInt32LE(kind === 2 && index < contents.length ? index + 1 : 0xff_ff_ff_ff, 0x48)
    at.writeUInt32LE(kind === 5 ? 1 : 0xff_ff_ff_ff, 0x4c)
    at.writeUInt32LE(start, 0x74)
    at.writeUInt32LE(sizeBytes, 0x78)
  }
  entry(0, 'Root Entry', 5, endOfChain, 0)
  let start = tableSectors + directorySectors
  Object.entries(streams).forEach(([name, { length }], index) => {
    const count = counts[index] as number
    entry(index + 1, name, 2, start, length)
    chain(start, count)
    start += count
  })
  const header = Buffer.alloc(sectorBytes, 0)
  header.write('d0cf11e0a1b11ae1', 'hex')
  header.writeUInt16LE(9, 0x1e)
  header.writeUInt32LE(tableSectors, 0x2c)
  header.writeUInt32LE(tableSectors, 0x30)
  header.writeUInt32LE(4_096, 0x38)
  header.writeUInt32LE(endOfChain, 0x3c)
  header.writeUInt32LE(endOfChain, 0x44)
  header.fill(0xff, 0x4c)
  for (let index = 0; index < tableSectors; index++) header.writeUInt32LE(index, 0x4c + 4 * index)
  const padded = contents.map((bytes, index) =>
    Buffer.concat([bytes, Buffer.alloc((counts[index] as number) * sectorBytes - bytes.length)]),
  )
  return Buffer.concat([header, table, directory, ...padded])
}

/** 340 KB: 65,000 properties that share one value of 60 KB. */
function makeCostlyMsi(): Buffer {
  const pool = Buffer.alloc(4_096)
  pool.writeUInt32LE(1252, 0)
  const texts = ['ProductName', 'x'.repeat(60_000)]
  texts.forEach((text, index) => {
    pool.writeUInt16LE(text.length, 4 + 4 * index)
    pool.writeUInt16LE(1, 6 + 4 * index)
  })
  const rows = 65_000
  const table = Buffer.alloc(4 * rows)
  for (let row = 0; row < rows; row++) {
    table.writeUInt16LE(row === 7 ? 1 : 2, 2 * row)
    table.writeUInt16LE(2, 2 * (rows + row))
  }
  return makeCompoundFile({
    [nameOfTable('_StringPool')]: pool,
    [nameOfTable('_StringData')]: Buffer.from(texts.join('')),
    [nameOfTable('Property')]: table,
  })
}

describe('in a thread of its own', () => {
  test.each(Object.entries(packageSamples))('%s is read as in this thread', async (_, bytes) => {
    expect(await readPackageApart(fileOf(bytes))).toEqual(await readPackageFile(fileOf(bytes)))
  })

  test('a file that is not a package needs none', async () => {
    expect(await readPackageApart(fileOf(Buffer.from('PK\x03\x04')))).toEqual({ kind: 'zip' })
  })

  test('many rows of one long text: only the requested ones are decoded, and other work does not wait', async () => {
    const bytes = makeCostlyMsi()
    expect(bytes.length).toBeLessThan(350_000)
    const before = process.cpuUsage()
    const { facts } = await readPackageFile(fileOf(bytes))
    // This took ten seconds before.
    expect(process.cpuUsage(before).user).toBeLessThan(1_000_000)
    expect(facts).toMatchObject({ name: 'x'.repeat(1_024), version: '' })
    expect(await readPackageApart(fileOf(bytes))).toMatchObject({ kind: 'msi', facts: { name: 'x'.repeat(1_024) } })
  })

  test('a timeout is a problem of the file, and the next one is read', async () => {
    const endless = {
      sizeBytes: 1_000_000,
      read: async (start: number, lengthBytes: number) => {
        if (start === 0 && lengthBytes === 512) return packageSamples.rpm.subarray(0, 512)
        return new Promise<Buffer>(() => undefined)
      },
    }
    const [slow, next] = await Promise.all([
      readPackageApart(endless, 50),
      readPackageApart(fileOf(packageSamples.rpm)),
    ])
    expect(slow).toEqual({ kind: 'rpm', problem: 'it takes longer to read than it is given' })
    expect(next.facts?.name).toBe('demo-service')
  })

  test('an error of the store fails the read', async () => {
    const broken = {
      sizeBytes: 1_000_000,
      read: async (start: number, lengthBytes: number) => {
        if (start === 0 && lengthBytes === 512) return packageSamples.rpm.subarray(0, 512)
        throw new Error('the store is away')
      },
    }
    await expect(readPackageApart(broken)).rejects.toThrow('the store is away')
  })
})
