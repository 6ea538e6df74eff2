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

/** A tar archive of one file. */
function makeTar(name: string, content: string, sizeText = content.length.toString(8).padStart(11, '0')): Buffer {
  const header = Buffer.alloc(512)
  header.write(name)
  header.write(sizeText, 124)
  header.write('ustar', 257)
  const bytes = Buffer.from(content)
  return Buffer.concat([header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512), Buffer.alloc(1_024)])
}
const control = 'Package: demo\nVersion: 1.0\nArchitecture: all\nDepends: a,\n b (>= 2)\nDescription: short\n long\n'

describe('what a package says of itself', () => {
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

  test.each([
    ['msi', Buffer.from('d0cf11e0a1b11ae1', 'hex')],
    ['zip', Buffer.from('PK\x03\x04')],
    ['tar', makeTar('a', 'b')],
    ['tar', gzipSync('x')],
    ['file', Buffer.from('#!/bin/sh\n')],
    ['file', Buffer.alloc(0)],
  ] as const)('%s is recognised', async (kind, bytes) => {
    expect(await read(bytes)).toEqual({ kind })
  })
})

describe('a damaged or hostile one says why it cannot be read', () => {
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
      'large control data',
      makeDeb({ 'control.tar.gz': Buffer.alloc(2_000_000) }),
      'its control data is larger than is looked at',
    ],
    ['an rpm without a header', packageSamples.rpm.subarray(0, 100), 'it ends too early'],
    [
      'an rpm of many entries',
      Buffer.concat([packageSamples.rpm.subarray(0, 104), Buffer.alloc(8, 0xff)]),
      'its header has more entries than are looked at',
    ],
  ])('%s', async (_, bytes, problem) => {
    expect((await read(bytes)).problem).toBe(problem)
  })

  test('any bytes changed, anywhere: an answer, in little time, of bounded size', async () => {
    const changed = fc.tuple(
      fc.constantFrom(...Object.values(packageSamples)),
      fc.array(fc.tuple(fc.nat(5_000), fc.nat(255)), { minLength: 1, maxLength: 8 }),
      fc.option(fc.nat(5_000)),
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
  const samples = {
    // As xz makes it of a text that is too short to be packed, without the end.
    text: '/Td6WFoAAATm1rRGAgAhARYAAAB0L+WjAQAXaGVsbG8gaGVsbG8gaGVsbG8gaGVsbG8KAA==',
  }
  test('is unpacked, also in pieces that are not compressed', () => {
    const bytes = Buffer.concat([Buffer.from(samples.text, 'base64'), Buffer.alloc(16)])
    expect(Buffer.from(decompressXz(bytes, 100)).toString()).toBe('hello hello hello hello\n')
  })

  test('more than may be is refused', () => {
    const bytes = Buffer.concat([Buffer.from(samples.text, 'base64'), Buffer.alloc(16)])
    expect(() => decompressXz(bytes, 10)).toThrow('it holds more than is looked at')
  })
})
