import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { sha256Of } from '../lib/digest.ts'
import { downloadFile } from './download-file.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chandler-download-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, 'file'), 'before')
})

async function* send(...chunks: (string | Error)[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) {
    if (chunk instanceof Error) throw chunk
    yield Buffer.from(chunk)
  }
}

test('replaces the existing file by the whole download', async () => {
  expect(await downloadFile(join(folder, 'file'), { sha256: sha256Of('onetwo'), bytes: send('one', 'two') })).toBe(6)
  expect(await readFile(join(folder, 'file'), 'utf8')).toBe('onetwo')
  expect(await readdir(folder)).toEqual(['file'])
})

test.each([
  ['bytes that are others', send('onetow'), 'The received data has SHA-256'],
  ['bytes that break off', send('one', new Error('terminated')), 'terminated'],
])('%s leaves the existing file', async (_, bytes, message) => {
  await expect(downloadFile(join(folder, 'file'), { sha256: sha256Of('onetwo'), bytes })).rejects.toThrow(message)
  expect(await readFile(join(folder, 'file'), 'utf8')).toBe('before')
  expect(await readdir(folder)).toEqual(['file'])
})
