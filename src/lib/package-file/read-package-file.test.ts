import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { packageSamples } from '../../../test/package-samples.ts'
import { decompressXz } from './decompress-xz.ts'
import { readPackageFile } from './read-package-file.ts'

const read = (bytes: Buffer) =>
  readPackageFile({
    sizeBytes: bytes.length,
    read: (start, lengthBytes) => Promise.resolve(bytes.subarray(start, start + lengthBytes)),
  })

/** An ar archive as dpkg makes it. */
function makeDeb(members: Record<string, Buffer>): Buffer {
  const parts = [Buffer.from('!<arch>\n')]
  for (const [name, bytes] of Object.entries({ 'debian-binary': Buffer.from('2.0\n'), ...members }))
    parts.push(
      Buffer.from(
        `${name.padEnd(16)}${'0'.padEnd(12)}${'0'.padEnd(6)}${'0'.padEnd(6)}${'100644'.padEnd(8)}${String(bytes.length).padEnd(10)}\`\n`,
      ),
      bytes,
      Buffer.alloc(bytes.length % 2),
    )
  return Buffer.concat(parts)
}

/** A tar archive with one file. */
function makeTar(name: string, content: string, sizeText = content.length.toString(8).padStart(11, '0')): Buffer {
  const header = Buffer.alloc(512)
  header.write(name)
  header.write(sizeText, 124)
  header.write('ustar\0' + '00', 257)
  header.fill(' ', 148, 156)
  header.write(
    `${header
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
    148,
  )
  const bytes = Buffer.from(content)
  return Buffer.concat([header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512), Buffer.alloc(1_024)])
}

const sectorBytes = 512

/** The sample with four bytes changed. */
function patchMsi(place: number, value: number): Buffer {
  const bytes = Buffer.from(packageSamples.msi)
  bytes.writeUInt32LE(value, place)
  return bytes
}

/** The property table has another name. */
function renameProperties(): Buffer {
  const bytes = Buffer.from(packageSamples.msi)
  const [table, P, r] = [0x4840, 25, 53]
  const name = Buffer.alloc(4)
  name.writeUInt16LE(table)
  name.writeUInt16LE(0x3800 + P + (r << 6), 2)
  bytes.writeUInt16LE(0x3800, bytes.indexOf(name) + 2)
  return bytes
}

/**
 * The sample, moved back by two million sectors: the header has no room for the location of its
 * allocation table.
 */
function makeFarMsi() {
  const perTable = sectorBytes / 4
  const emptyTables = 16_000
  const shift = emptyTables * perTable
  const sample = Buffer.from(packageSamples.msi)
  const header = sample.subarray(0, sectorBytes)
  const moved = (number: number) => (number < 0xff_ff_ff_f0 ? number + shift : number)
  const move = (bytes: Buffer, place: number) => bytes.writeUInt32LE(moved(bytes.readUInt32LE(place)), place)
  const sector = (number: number) => sample.subarray((number + 1) * sectorBytes, (number + 2) * sectorBytes)
  const [tables, directory] = [header.readUInt32LE(0x4c), header.readUInt32LE(0x30)]
  const next = Array.from({ length: perTable }, (_, index) => sector(tables).readUInt32LE(4 * index))
  for (let index = 0; index < perTable; index++) move(sector(tables), 4 * index)
  for (let at = directory; at < 0xff_ff_ff_f0; at = next[at] as number)
    for (let entry = 0; entry < sectorBytes; entry += 128) {
      const [type, size] = [sector(at)[entry + 0x42], sector(at).readUInt32LE(entry + 0x78)]
      if (type === 5 || size >= 4_096) move(sector(at), entry + 0x74)
    }
  for (const place of [0x30, 0x3c]) move(header, place)
  header.writeUInt32LE(emptyTables + 1, 0x2c)
  header.fill(0xff, 0x4c)
  header.writeUInt32LE(0, 0x44)
  // Lists, from sector 0 on: locations of tables, and the next list.
  const lists = Math.ceil((emptyTables + 1 - 109) / (perTable - 1))
  const listed = Buffer.alloc(lists * sectorBytes, 0xff)
  for (let index = 0; index < lists; index++) listed.writeUInt32LE(index + 1, (index + 1) * sectorBytes - 4)
  const last = emptyTables - 109
  listed.writeUInt32LE(tables + shift, 4 * (last + Math.floor(last / (perTable - 1))))
  let count = 0
  const pieces = [
    { start: 0, bytes: header },
    { start: sectorBytes, bytes: listed },
    { start: (shift + 1) * sectorBytes, bytes: sample.subarray(sectorBytes) },
  ]
  const file = {
    sizeBytes: sample.length + shift * sectorBytes,
    read(start: number, lengthBytes: number) {
      count += lengthBytes
      const piece = pieces.findLast((one) => one.start <= start)
      const from = start - (piece?.start ?? 0)
      return Promise.resolve(piece?.bytes.subarray(from, from + lengthBytes) ?? Buffer.alloc(0))
    },
  }
  return { file, readBytes: () => count }
}
const control = 'Package: demo\nVersion: 1.0\nArchitecture: all\nDepends: a,\n b (>= 2)\nDescription: short\n long\n'

describe('package metadata', () => {
  const dependencies = ['init-system-helpers', 'libc6 (>= 2.34)', 'adduser', 'default-jre | java-runtime']
  const facts = {
    name: 'demo-service',
    version: '1:2.4.1-3',
    architecture: 'amd64',
    summary: 'serves demonstrations',
    dependencies,
  }
  test.each([
    ['a deb with xz', packageSamples.debWithXz],
    ['a deb with zstd', packageSamples.debWithZstd],
  ])('%s', async (_, bytes) => {
    expect(await read(bytes)).toEqual({ kind: 'deb', facts })
  })

  test.each([
    ['gzip', 'control.tar.gz', gzipSync(makeTar('./control', control))],
    ['no compression', 'control.tar', makeTar('control', control)],
  ])('a deb with %s', async (_, name, bytes) => {
    expect(await read(makeDeb({ [name]: bytes }))).toEqual({
      kind: 'deb',
      facts: { name: 'demo', version: '1.0', architecture: 'all', summary: 'short', dependencies: ['a', 'b (>= 2)'] },
    })
  })

  test('an rpm', async () => {
    expect(await read(packageSamples.rpm)).toEqual({
      kind: 'rpm',
      facts: { ...facts, architecture: 'noarch', dependencies: ['bash', 'openssl-libs >= 3.0', 'tzdata < 2030'] },
    })
  })

  test('an msi', async () => {
    const facts = { name: 'Demo Service', version: '2.4.1', architecture: 'x64', summary: 'serves demonstrations' }
    expect(await read(packageSamples.msi)).toEqual({ kind: 'msi', facts: { ...facts, dependencies: [] } })
  })

  test('an msi in another character set', async () => {
    const bytes = Buffer.from(packageSamples.msi)
    // The header of the string pool (code page: none) and the lengths of the first two strings.
    bytes.writeUInt32LE(936, bytes.indexOf('000000000e00070004000700', 'hex'))
    bytes.write('d1ddcabeb7fecef1', bytes.indexOf('Demo Service'), 'hex')
    expect((await read(bytes)).facts?.name).toBe('演示服务vice')
  })

  test('an msi of gigabytes: only the requested parts are read', async () => {
    const { file, readBytes } = makeFarMsi()
    expect((await readPackageFile(file)).facts?.name).toBe('Demo Service')
    expect(file.sizeBytes).toBeGreaterThan(1_000_000_000)
    expect(readBytes()).toBeLessThan(100_000)
  })

  test.each([
    ['zip', Buffer.from('PK\x03\x04')],
    ['tar', makeTar('a', 'b')],
    ['tar', gzipSync('x')],
    ['file', Buffer.from('#!/bin/sh\n')],
    ['file', Buffer.alloc(0)],
  ] as const)('%s is recognised', async (kind, bytes) => {
    expect(await read(bytes)).toEqual({ kind })
  })
})

describe('a damaged or hostile one reports why it is unreadable', () => {
  test.each([
    ['cut short', packageSamples.debWithXz.subarray(0, 200), 'it ends too early'],
    [
      'a size that is none',
      makeDeb({ 'control.tar': makeTar('control', control) }).fill('x', 8 + 48, 8 + 58),
      'it is no archive of a Debian package',
    ],
    ['no control data', makeDeb({ 'data.tar': Buffer.alloc(10) }), 'it ends too early'],
    [
      'many members',
      makeDeb(Object.fromEntries(Array.from({ length: 9 }, (_, n) => [`m${n}`, Buffer.alloc(2)]))),
      'it holds no control data',
    ],
    [
      'no control file',
      makeDeb({ 'control.tar': makeTar('other', control) }),
      'its control data holds no file control',
    ],
    [
      'a control file of no package',
      makeDeb({ 'control.tar': makeTar('control', 'Version: 1\n') }),
      'its control file names no package',
    ],
    [
      'a size beyond the archive',
      makeDeb({ 'control.tar': makeTar('control', control, '77777777777') }),
      'its control data holds no file control',
    ],
    [
      'a bomb',
      makeDeb({ 'control.tar.gz': gzipSync(Buffer.alloc(20_000_000)) }),
      'its control data cannot be unpacked',
    ],
    [
      'control data that is compressed twice',
      makeDeb({ 'control.tar.gz': gzipSync(gzipSync(makeTar('control', control))) }),
      'its control data is compressed twice',
    ],
    [
      'large control data',
      makeDeb({ 'control.tar.gz': Buffer.alloc(2_000_000) }),
      'its control data is larger than is looked at',
    ],
    ['no more than the beginning of an msi', Buffer.from('d0cf11e0a1b11ae1', 'hex'), 'it ends too early'],
    ['an msi cut short', packageSamples.msi.subarray(0, 4_096), 'it ends too early'],
    ['sectors of no size', patchMsi(0x1e, 0), 'it is no Windows Installer package'],
    // The entry of the first directory sector, in sector 16 of the sample's allocation table.
    ['sectors in a circle', patchMsi(17 * sectorBytes + 4 * 11, 11), 'it holds more than is looked at'],
    ['a table in sectors that are not there', patchMsi(0x2c, 0), 'it holds a broken chain'],
    ['another compound file', renameProperties(), 'it is no Windows Installer package'],
    ['an rpm without a header', packageSamples.rpm.subarray(0, 100), 'it ends too early'],
    [
      'an rpm of many entries',
      Buffer.concat([packageSamples.rpm.subarray(0, 104), Buffer.alloc(8, 0xff)]),
      'its header has more entries than are looked at',
    ],
  ])('%s', async (_, bytes, problem) => {
    expect((await read(bytes)).problem).toBe(problem)
  })

  test('with random changes anywhere: an answer, in little time, of limited size', async () => {
    const changed = fc.tuple(
      fc.constantFrom(...Object.values(packageSamples)),
      fc.array(fc.tuple(fc.nat(9_500), fc.nat(255)), { minLength: 1, maxLength: 8 }),
      fc.option(fc.nat(9_500)),
    )
    await fc.assert(
      fc.asyncProperty(changed, async ([sample, changes, end]) => {
        const bytes = Buffer.from(sample.subarray(0, end ?? sample.length))
        for (const [place, byte] of changes) if (place < bytes.length) bytes[place] = byte
        const from = performance.now()
        const { facts } = await read(bytes)
        expect(performance.now() - from).toBeLessThan(2_000)
        expect(JSON.stringify(facts ?? '').length).toBeLessThan(600_000)
      }),
      { numRuns: 500 },
    )
  })
})

describe('xz', () => {
  const hello = '/Td6WFoAAATm1rRGAgAhARYAAAB0L+Wj4AAXAAxdADQZSe6N6VYKwSGwAABsFO0bO2i7kQABKBjXg7duH7bzfQEAAAAABFla'
  const bytes = Buffer.from(hello, 'base64')
  const decompress = async (input: Buffer, maxBytes = 100) => (await decompressXz(input, maxBytes)).toString()

  test('is unpacked, also several at once', async () => {
    const text = 'hello hello hello hello\n'
    expect(await Promise.all([decompress(bytes), decompress(bytes), decompress(bytes)])).toEqual([text, text, text])
  })

  test('that exceeds the limit is refused, and the next is unpacked', async () => {
    await expect(decompress(bytes, 10)).rejects.toThrow('it holds more than is looked at')
    expect(await decompress(bytes)).toContain('hello')
  })

  test('that is truncated is detected, and a changed byte never gives other data', async () => {
    const changed = Array.from(bytes, (byte, place) => Buffer.from(bytes).fill(byte ^ 0x55, place, place + 1))
    const results = await Promise.all(changed.map((input) => decompress(input).catch(() => 'refused')))
    // The byte before the data has no meaning.
    expect(results.filter((result) => result !== 'refused')).toEqual(['hello hello hello hello\n'])
    for (let place = 0; place < bytes.length; place++)
      await expect(decompress(bytes.subarray(0, place))).rejects.toThrow(/error code|null/)
  })
})
