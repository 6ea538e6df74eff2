import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { digestFile, digestStream, sha256Of } from './digest.ts'

// The published test vector of SHA-256 for "abc".
const ofAbc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chandler-digest-'))
})
afterAll(() => rm(folder, { recursive: true }))

test('text, bytes, streams and files of the same content have the same digest', async () => {
  const path = join(folder, 'abc')
  await writeFile(path, 'abc')
  expect(sha256Of('abc')).toBe(ofAbc)
  expect(sha256Of(Buffer.from('abc'))).toBe(ofAbc)
  expect(await digestStream(Readable.from([Buffer.from('a'), Buffer.from('bc')]))).toEqual({
    sha256: ofAbc,
    sizeBytes: 3,
  })
  expect(await digestFile(path)).toEqual({ sha256: ofAbc, sizeBytes: 3 })
})

test('a file larger than one read is covered to its last byte', async () => {
  const path = join(folder, 'large')
  const content = Buffer.alloc(3 * 1024 * 1024 + 1, 'x')
  await writeFile(path, content)
  expect(await digestFile(path)).toEqual({ sha256: sha256Of(content), sizeBytes: content.length })
})

test('a missing file is an error, not an empty digest', async () => {
  await expect(digestFile(join(folder, 'missing'))).rejects.toMatchObject({ code: 'ENOENT' })
})
