import { mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { copyBinaries } from './copy-binaries.ts'
import { findMissingLinks, makeLinks } from './library-links.ts'

let folder: string
let native: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chandler-binaries-'))
  native = join(folder, 'package/native')
  for (const part of ['bin', 'lib/pkgconfig', 'share']) await mkdir(join(native, part), { recursive: true })
  await writeFile(join(native, 'bin/postgres'), 'program', { mode: 0o700 })
  await writeFile(join(native, 'lib/libx.so.6.1'), 'library', { mode: 0o600 })
  await writeFile(join(native, 'lib/libx.a'), 'not needed to run')
  await writeFile(
    join(native, 'pg-symlinks.json'),
    JSON.stringify([
      { source: 'native/lib/libx.so.6.1', target: 'native/lib/libx.so.6' },
      { source: 'native/lib/libx.so.6.1', target: 'native/lib/libx.so' },
    ]),
  )
})
afterEach(() => rm(folder, { recursive: true }))

const modeOf = async (path: string) => (await stat(path)).mode & 0o777

test('missing library links are found and created once', async () => {
  await makeLinks((await findMissingLinks(native)).slice(0, 1))
  const missing = await findMissingLinks(native)
  expect(missing).toEqual([{ at: join(native, 'lib/libx.so'), to: 'libx.so.6.1' }])
  await makeLinks(missing)
  await makeLinks(missing)
  expect(await findMissingLinks(native)).toEqual([])
  expect(await readFile(join(native, 'lib/libx.so'), 'utf8')).toBe('library')
})

test('a list of links that point outside the package is refused', async () => {
  for (const target of ['native/../../outside', '/etc/passwd', 'native/lib/../../x']) {
    await writeFile(join(native, 'pg-symlinks.json'), JSON.stringify([{ source: target, target }]))
    await expect(findMissingLinks(native)).rejects.toThrow(/unexpected link/)
  }
})

test('a copy has its links, everyone can run it whatever the umask is, and it is made once', async () => {
  const copy = join(folder, 'copies/18-x')
  const usual = process.umask(0o077)
  try {
    expect(await copyBinaries(native, copy)).toBe(true)
  } finally {
    process.umask(usual)
  }
  expect(await readlink(join(copy, 'lib/libx.so.6'))).toBe('libx.so.6.1')
  for (const open of ['..', '.', 'bin', 'bin/postgres']) expect(await modeOf(join(copy, open))).toBe(0o755)
  expect(await modeOf(join(copy, 'lib/libx.so.6.1'))).toBe(0o644)
  expect(await readdir(join(copy, 'lib'))).toEqual(['libx.so', 'libx.so.6', 'libx.so.6.1'])
  expect(await copyBinaries(native, copy)).toBe(false)
})

test('of several servers that copy at once one copies and all get the same folder', async () => {
  const copy = join(folder, 'copies/18-x')
  const made = await Promise.all(Array.from({ length: 5 }, () => copyBinaries(native, copy)))
  expect(made.filter(Boolean)).toHaveLength(1)
  expect(await readdir(join(folder, 'copies'))).toEqual(['18-x'])
})

test('a failed copy leaves nothing; drafts of killed copies are removed after an hour, newer ones may be in use', async () => {
  const copies = join(folder, 'copies')
  await mkdir(join(copies, '.18-x.old.draft'), { recursive: true })
  await mkdir(join(copies, '.18-x.new.draft'))
  const longAgo = new Date(Date.now() - 2 * 3_600_000)
  await utimes(join(copies, '.18-x.old.draft'), longAgo, longAgo)
  await rm(join(native, 'pg-symlinks.json'))
  await expect(copyBinaries(native, join(copies, '18-x'))).rejects.toMatchObject({ code: 'ENOENT' })
  expect(await readdir(copies)).toEqual(['.18-x.new.draft'])
})
