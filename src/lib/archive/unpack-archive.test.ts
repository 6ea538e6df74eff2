import { execFileSync } from 'node:child_process'
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { makeTarEntry, makeZip } from '../../../test/archive-samples.ts'
import { createCheckedTree } from './checked-tree.ts'
import { unpackArchive } from './unpack-archive.ts'
import { createUnpackedTree } from './unpacked-tree.ts'

interface Sample {
  name: string
  mode?: number
  content?: string
  /** A symbolic link. */
  link?: string
}

const end = Buffer.alloc(1_024)

const asTar = (samples: readonly Sample[]) =>
  Buffer.concat([
    ...samples.map(({ name, mode, content, link }) =>
      makeTarEntry(name, link === undefined ? (name.endsWith('/') ? '5' : '0') : '2', {
        ...(mode === undefined ? {} : { mode }),
        ...(content === undefined ? {} : { content }),
        ...(link === undefined ? {} : { link }),
      }),
    ),
    end,
  ])

const asZip = (samples: readonly Sample[]) =>
  makeZip(
    samples.map(({ name, mode = 0o644, content = '', link }) => ({
      name,
      content: link ?? content,
      mode: mode | (link === undefined ? (name.endsWith('/') ? 0o040000 : 0o100000) : 0o120000),
    })),
  )

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'chandler-archive-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

interface Unpacked {
  readonly root: string
  readonly error: string | undefined
}

/** The unpacked folder, or the error, which must be the same for unpacking and for checking. */
async function unpack(kind: 'tar' | 'zip', bytes: Buffer): Promise<Unpacked> {
  const unpacked = await unpackToDisk(kind, bytes)
  const path = join(makeFolder(), 'archive')
  writeFileSync(path, bytes)
  expect(await unpackArchive(kind, path, createCheckedTree()).then(() => undefined, String)).toBe(unpacked.error)
  return unpacked
}

async function unpackToDisk(kind: 'tar' | 'zip', bytes: Buffer): Promise<Unpacked> {
  const folder = makeFolder()
  const root = join(folder, 'root')
  mkdirSync(root, { mode: 0o700 })
  writeFileSync(join(folder, 'archive'), bytes)
  try {
    await unpackArchive(kind, join(folder, 'archive'), createUnpackedTree(root))
    return { root, error: undefined }
  } catch (error) {
    return { root, error: String(error) }
  }
}

const modeOf = (path: string) => (lstatSync(path).mode & 0o7777).toString(8)
const kinds = [
  ['tar', asTar],
  ['zip', asZip],
] as const

test.each(kinds)(
  '%s: nobody but the owner gets more than reading, and the workspace keeps its own mode',
  async (kind, pack) => {
    const { root, error } = await unpack(
      kind,
      pack([
        { name: './', mode: 0o777 },
        { name: 'open/', mode: 0o3777 },
        { name: 'open/run', mode: 0o6777, content: 'x' },
        { name: 'closed/', mode: 0o000 },
        { name: 'closed/in', mode: 0o1002, content: 'y' },
        { name: 'readonly/', mode: 0o555 },
        { name: 'readonly/in', mode: 0o444, content: 'z' },
      ]),
    )
    expect(error).toBeUndefined()
    expect(modeOf(root)).toBe('700')
    expect(modeOf(join(root, 'open'))).toBe('755')
    expect(modeOf(join(root, 'open/run'))).toBe('755')
    expect(modeOf(join(root, 'closed'))).toMatch(kind === 'zip' ? /7[05][05]/ : '700')
    expect(modeOf(join(root, 'closed/in'))).toBe('600')
    expect(modeOf(join(root, 'readonly'))).toBe('755')
    expect(modeOf(join(root, 'readonly/in'))).toBe('644')
    expect(readFileSync(join(root, 'closed/in'), 'utf8')).toBe('y')
  },
)

test.each(kinds)(
  '%s: links are as they were packed, also before what they name and to places of the system',
  async (kind, pack) => {
    const { root, error } = await unpack(
      kind,
      pack([
        { name: 'bin/tool', link: '../lib/tool/cli' },
        { name: 'bin/python', link: '/usr/bin/env' },
        { name: 'lib/tool/cli', mode: 0o755, content: 'x' },
        { name: 'lib/current', link: 'tool' },
        { name: 'dangling', link: 'nowhere' },
        { name: 'twice', content: 'old' },
        { name: 'twice', content: 'new' },
      ]),
    )
    expect(error).toBeUndefined()
    expect(readlinkSync(join(root, 'bin/tool'))).toBe('../lib/tool/cli')
    expect(readlinkSync(join(root, 'bin/python'))).toBe('/usr/bin/env')
    expect(readlinkSync(join(root, 'lib/current'))).toBe('tool')
    expect(readlinkSync(join(root, 'dangling'))).toBe('nowhere')
    expect(readFileSync(join(root, 'twice'), 'utf8')).toBe('new')
  },
)

test.each([
  ['a link that climbs out', [{ name: 'a/l', link: '../../x' }], 'a/l'],
  [
    'a chain of two links that climbs out',
    [
      { name: 'a/b/', mode: 0o755 },
      { name: 'up', link: 'a/b/..' },
      { name: 'out', link: 'up/../../x' },
    ],
    'out',
  ],
  [
    'a chain through a link to the tree itself',
    [
      { name: 'deep/in/', mode: 0o755 },
      { name: 'deep/in/top', link: '../..' },
      { name: 'out', link: 'deep/in/top/..' },
    ],
    'out',
  ],
  [
    'a file below a link',
    [
      { name: 'l', link: '/tmp' },
      { name: 'l/chandler-archive-out', content: 'x' },
    ],
    'l/chandler-archive-out',
  ],
  ['a path with ..', [{ name: 'a/../../out', content: 'x' }], 'out'],
  ['an absolute path', [{ name: '/tmp/chandler-archive-out', content: 'x' }], '/tmp/chandler-archive-out'],
  [
    'a file below a file',
    [
      { name: 'f', content: 'x' },
      { name: 'f/g', content: 'y' },
    ],
    'f/g',
  ],
] as [string, Sample[], string][])('%s is refused by its name, in both kinds', async (_, samples, named) => {
  for (const [kind, pack] of kinds) {
    const { error } = await unpack(kind, pack(samples))
    expect(error, kind).toContain(named)
  }
})

test('stops at the first problem, and reports it', async () => {
  const many = Array.from({ length: 500 }, (_, index) => makeTarEntry(`f${index}`, '0', { content: 'x' }))
  const { root, error } = await unpack(
    'tar',
    gzipSync(Buffer.concat([makeTarEntry('first', '0'), makeTarEntry('null', '3'), ...many, end])),
  )
  expect(error).toContain('"null"')
  expect(readdirSync(root)).toEqual(['first'])
})

test('hard links are the same file, also of a link; a link that leads outside or nowhere is refused', async () => {
  const good = await unpack(
    'tar',
    Buffer.concat([
      makeTarEntry('d/a', '0', { content: 'x' }),
      makeTarEntry('b', '1', { link: 'd/a' }),
      makeTarEntry('d/l', '2', { link: 'a' }),
      makeTarEntry('l2', '1', { link: 'd/l' }),
      end,
    ]),
  )
  expect(good.error).toBeUndefined()
  expect(lstatSync(join(good.root, 'b')).ino).toBe(lstatSync(join(good.root, 'd/a')).ino)
  expect(readlinkSync(join(good.root, 'l2'))).toBe('d/a')
  for (const link of ['/etc/passwd', '../../etc/passwd', 'nowhere']) {
    const { error } = await unpack('tar', Buffer.concat([makeTarEntry('h', '1', { link }), end]))
    expect(error).toContain(link)
  }
})

test.each(['gnu', 'posix'])('a sparse file in the form of %s is refused by its name', async (format) => {
  const folder = makeFolder()
  execFileSync('truncate', ['-s', '1M', join(folder, 'holes')])
  execFileSync('sh', ['-c', 'printf end >> holes'], { cwd: folder })
  execFileSync('tar', ['--sparse', `--format=${format}`, '-cf', 'a.tar', 'holes'], { cwd: folder })
  const { error } = await unpack('tar', readFileSync(join(folder, 'a.tar')))
  expect(error).toContain('"holes" is a sparse file')
})

test('an extended header with a line end in a name is refused, not given another name', async () => {
  const folder = makeFolder()
  writeFileSync(join(folder, 'a\nb'), 'x')
  execFileSync('tar', ['--format=posix', '--pax-option=path:=a\nb', '-cf', 'a.tar', 'a\nb'], { cwd: folder })
  const { error } = await unpack('tar', readFileSync(join(folder, 'a.tar')))
  expect(error).toContain('line end')
})

test('a volume label is not an entry', async () => {
  const { root, error } = await unpack(
    'tar',
    Buffer.concat([makeTarEntry('label', 'V'), makeTarEntry('a', '0', { content: 'x' }), end]),
  )
  expect(error).toBeUndefined()
  expect(readdirSync(root)).toEqual(['a'])
})

/** 64 MiB of zeros. */
const bomb = Buffer.concat([makeTarEntry('zeros', '0', { content: '\0'.repeat(64 * 1024 * 1024) }), end])
test.each([
  ['zstd', (tar: Buffer) => zstdCompressSync(tar)],
  ['xz', (tar: Buffer) => execFileSync('xz', ['-c'], { input: tar, maxBuffer: 1e9 })],
  ['bzip2', (tar: Buffer) => execFileSync('bzip2', ['-c'], { input: tar, maxBuffer: 1e9 })],
] as const)(
  'a tar that %s packed beyond all measure is refused, and so is one that is packed twice',
  async (_, pack) => {
    const { error } = await unpack('tar', pack(bomb))
    expect(error).toContain('1000 times')
    const twice = await unpack('tar', pack(gzipSync(makeTarEntry('a', '0'))))
    expect(twice.error).toContain('packed twice')
  },
)

test('a zip with overlapping entries is refused when it exceeds the maximum ratio', async () => {
  const zeros = { name: 'zeros', content: '\0'.repeat(1024 * 1024), mode: 0o100644 }
  const { error } = await unpack('zip', makeZip([zeros], { deflated: true, copies: 9 }))
  expect(error).toContain('1000 times')
})

test('truncated and damaged archives are refused', async () => {
  const tar = asTar([{ name: 'a', content: 'x'.repeat(5_000) }])
  expect((await unpack('tar', tar.subarray(0, 2_048))).error).toContain('Truncated')
  expect((await unpack('tar', gzipSync(tar).subarray(0, 60))).error).toBeDefined()
  expect((await unpack('zip', asZip([{ name: 'a', content: 'x' }]).subarray(0, 50))).error).toBeDefined()
})
