import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { writeFileDurably } from './write-file-durably.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chandler-write-'))
})
afterEach(() => rm(folder, { recursive: true }))

test('replaces the file, privately, and leaves no other file', async () => {
  const path = join(folder, 'f')
  await writeFile(path, 'old', { mode: 0o644 })
  await writeFileDurably(path, 'new')
  expect(await readFile(path, 'utf8')).toBe('new')
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  expect(await readdir(folder)).toEqual(['f'])
})

test('the file has the requested mode, whatever the umask is', async () => {
  const path = join(folder, 'f')
  const usual = process.umask(0o077)
  try {
    await writeFileDurably(path, 'x', { mode: 0o644 })
  } finally {
    process.umask(usual)
  }
  expect((await stat(path)).mode & 0o777).toBe(0o644)
})

test('a failed write leaves no draft behind', async () => {
  const path = join(folder, 'taken')
  await mkdir(join(path, 'inside'), { recursive: true })
  await expect(writeFileDurably(path, 'x')).rejects.toMatchObject({ syscall: 'rename' })
  expect(await readdir(folder)).toEqual(['taken'])
})
