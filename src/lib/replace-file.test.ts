import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { replaceFile, replaceFileSync } from './replace-file.ts'

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'chandler-replace-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A path that cannot be opened or renamed as a file name is longer than the system allows: not a lock. */
const missing = (folder: string) => join(folder, 'missing')

test('a file replaces another one', async () => {
  const folder = makeFolder()
  const [from, to] = [join(folder, 'from'), join(folder, 'to')]
  writeFileSync(to, 'old')
  writeFileSync(from, 'new')
  await replaceFile(from, to)
  expect(readFileSync(to, 'utf8')).toBe('new')
  writeFileSync(from, 'newer')
  replaceFileSync(from, to)
  expect(readFileSync(to, 'utf8')).toBe('newer')
})

test('an error that is not a lock is reported at once', async () => {
  const folder = makeFolder()
  const wait = () => expect.unreachable()
  expect(() => replaceFileSync(missing(folder), join(folder, 'to'), { platform: 'win32', wait })).toThrow('ENOENT')
  await expect(replaceFile(missing(folder), join(folder, 'to'), { platform: 'win32' })).rejects.toThrow('ENOENT')
})

// A folder of another mount cannot be renamed (EBUSY, EXDEV): /proc stands for a locked file here.
test('a lock is awaited on Windows only, and then named', () => {
  const pauses: number[] = []
  const wait = (ms: number) => pauses.push(ms)
  const attempt = (platform: NodeJS.Platform) => () => replaceFileSync('/proc', '/proc-moved', { platform, wait })
  expect(attempt('linux')).toThrow('EBUSY')
  expect(pauses).toEqual([])
  expect(attempt('win32')).toThrow(
    '/proc-moved cannot be replaced because another process, such as a virus scanner, has it open',
  )
  expect(pauses).toHaveLength(14)
  expect(pauses.slice(0, 5)).toEqual([10, 20, 40, 80, 160])
  expect(pauses.reduce((sum, ms) => sum + ms)).toBeGreaterThan(2_000)
})
