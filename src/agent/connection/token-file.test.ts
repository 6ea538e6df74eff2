import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readTokenFile } from './token-file.ts'

let folder: string
let path: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chandler-token-'))
  path = join(folder, 'token')
})
afterEach(() => rm(folder, { recursive: true }))

test.each(['ct_aB-9_', 'ct_aB-9_\n', ' ct_aB-9_\r\n'])('%j holds a token', async (text) => {
  await writeFile(path, text)
  expect(await readTokenFile(path)).toBe('ct_aB-9_')
})

test.each(['', 'two words', 'ct_a\nct_b', 'ct_\0', 'x'.repeat(1025)])(
  '%j does not, and is not repeated',
  async (text) => {
    await writeFile(path, text)
    await expect(readTokenFile(path)).rejects.toThrow(`${path} does not hold a join token: one line such as ct_… and`)
  },
)

test('an unreadable file is named', async () => {
  await expect(readTokenFile(path)).rejects.toThrow(`cannot read the join token from ${path}: ENOENT`)
  await expect(readTokenFile(folder)).rejects.toThrow(`cannot read the join token from ${folder}: EISDIR`)
})
