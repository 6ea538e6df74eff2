import { chmod, chown, mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { OperatorError } from '../../lib/operator-error.ts'
import { openDataDirectory } from './data-directory.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chandler-data-'))
})
afterEach(() => rm(folder, { recursive: true }))

const modeOf = async (path: string) => (await stat(path)).mode & 0o777

test('a missing folder is created private, and its parents can be traversed', async () => {
  const { path, release } = await openDataDirectory(join(folder, 'a/b'))
  expect(await modeOf(path)).toBe(0o700)
  await mkdir(join(folder, 'usual'))
  expect(await modeOf(join(folder, 'a'))).toBe(await modeOf(join(folder, 'usual')))
  release()
})

test('its id does not change when the folder is moved', async () => {
  const first = await openDataDirectory(join(folder, 'a'))
  first.release()
  await rename(join(folder, 'a'), join(folder, 'b'))
  const second = await openDataDirectory(join(folder, 'b'))
  expect(second.id).toBe(first.id)
  second.release()
})

test('an empty folder is used and closed to others; permissions granted to the database user remain', async () => {
  const path = join(folder, 'open')
  await mkdir(path)
  await chmod(path, 0o777)
  const opened = await openDataDirectory(path)
  expect(await modeOf(path)).toBe(0o710)
  opened.release()
})

test('a folder with other contents is refused and left unchanged', async () => {
  await writeFile(join(folder, 'mine.txt'), '')
  await chmod(folder, 0o755)
  await expect(openDataDirectory(folder)).rejects.toThrow(/is not empty .* \(it holds mine\.txt\)/)
  expect(await modeOf(folder)).toBe(0o755)
})

test('a second server gets an error that names the process that holds the folder, and can open it after the release', async () => {
  const first = await openDataDirectory(folder)
  await expect(openDataDirectory(folder)).rejects.toThrow(
    new RegExp(`in use by another Chandler server, process ${process.pid}\\.`),
  )
  first.release()
  const second = await openDataDirectory(folder)
  second.release()
})

test('exactly one of many servers that open the folder at once gets it', async () => {
  const results = await Promise.allSettled(Array.from({ length: 20 }, () => openDataDirectory(folder)))
  const opened = results.filter((result) => result.status === 'fulfilled')
  expect(opened).toHaveLength(1)
  for (const result of results) if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(OperatorError)
  opened[0]?.value.release()
})

test('a pid file of a process that ended, or whose pid was reused, holds no lock', async () => {
  for (const left of [
    `{"pid":${process.pid},"identity":"another boot/1"}`,
    '{"pid":4194304,"identity":"x/1"}',
    'not json',
  ]) {
    await writeFile(join(folder, 'server.pid'), left)
    const { release } = await openDataDirectory(folder)
    expect(JSON.parse(await readFile(join(folder, 'server.pid'), 'utf8')).identity).toMatch(/\/\d+$|\d{4}$/)
    release()
  }
})

test('a damaged identity file is an error and is not replaced', async () => {
  const opened = await openDataDirectory(folder)
  opened.release()
  await writeFile(join(folder, 'data-directory.json'), '{"format":1')
  await expect(openDataDirectory(folder)).rejects.toThrow(/data-directory\.json is damaged/)
})

test('a path through a file is a clear error', async () => {
  await writeFile(join(folder, 'file'), '')
  await expect(openDataDirectory(join(folder, 'file/data'))).rejects.toThrow(/a part of the path is a file/)
  await expect(openDataDirectory(join(folder, 'file'))).rejects.toThrow(/a part of the path is a file/)
})

test('root does not use the data directory of another user', async ({ skip }) => {
  skip(process.getuid?.() !== 0, 'only root can')
  const path = join(folder, 'data')
  const first = await openDataDirectory(path)
  first.release()
  await chown(join(path, 'data-directory.json'), 54_321, 54_321)
  await expect(openDataDirectory(path)).rejects.toThrow(/belongs to the user with the id 54321.*runuser -u/)
  await chown(join(path, 'data-directory.json'), 0, 0)
  const again = await openDataDirectory(path)
  again.release()
})
