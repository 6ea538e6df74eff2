import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, readlink, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { sha256Of } from '../lib/digest.ts'
import { createFileObjectStore } from './file-object-store.ts'
import type { ByteRange, ObjectStore } from './object-store.ts'

const MiB = 1024 * 1024
const noLimit = 100 * MiB
const clock = { now: () => Date.now() }
let directory: string
let store: ObjectStore

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'chandler-objects-'))
  store = await createFileObjectStore(directory, clock)
})
afterEach(() => rm(directory, { recursive: true, force: true }))

const files = async () => {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
}
const receive = (content: string | Buffer, maxBytes = noLimit) =>
  store.receive(Readable.from([Buffer.from(content)]), maxBytes)
async function put(content: string | Buffer) {
  const received = await receive(content)
  await received.keep()
  await received.discard()
  return received
}
async function read(sha256: string, range?: ByteRange) {
  const copies: Buffer[] = []
  for await (const chunk of await store.read(sha256, range)) copies.push(Buffer.from(chunk))
  return Buffer.concat(copies)
}
async function* failing(error: Error) {
  yield Buffer.alloc(100_000)
  throw error
}

describe('storing', () => {
  test('kept bytes are stored under their sha256 in two levels of folders, readable only by the owner', async () => {
    const { sha256, sizeBytes } = await put('hello')
    expect({ sha256, sizeBytes }).toEqual({ sha256: sha256Of('hello'), sizeBytes: 5 })
    const path = join(directory, sha256.slice(0, 2), sha256.slice(2, 4), sha256)
    expect(await readFile(path, 'utf8')).toBe('hello')
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect(await files()).toEqual([path])
  })

  test('the same bytes twice are stored once, also concurrently', async () => {
    const received = await Promise.all(Array.from({ length: 8 }, () => receive('same')))
    await Promise.all(received.map((one) => one.keep()))
    expect(await files()).toHaveLength(1)
    expect(await read(sha256Of('same'))).toEqual(Buffer.from('same'))
  })

  test('received bytes that are not kept are not an object, and discarding leaves nothing', async () => {
    const received = await receive('draft')
    expect(await store.find(received.sha256)).toBeUndefined()
    await received.discard()
    expect(await files()).toEqual([])
  })

  test('discarding after keeping has no effect', async () => {
    const received = await put('kept')
    await received.discard()
    expect(await store.find(received.sha256)).toEqual({ sha256: sha256Of('kept'), sizeBytes: 4 })
  })

  test('the limit is the last byte allowed; beyond it nothing is left and the sender is not disconnected', async () => {
    expect((await receive(Buffer.alloc(1_000), 1_000)).sizeBytes).toBe(1_000)
    const sender = Readable.from([600, 401, 5, 5, 5].map((size) => Buffer.alloc(size)))
    await expect(store.receive(sender, 1_000)).rejects.toMatchObject({ code: 'ArtifactTooLarge', status: 413 })
    expect(sender.destroyed).toBe(false)
    expect((await files()).length, 'only the first draft').toBe(1)
  })

  test('an interrupted upload rejects with its own error and leaves nothing', async () => {
    const broken = new Error('aborted')
    await expect(store.receive(Readable.from(failing(broken)), noLimit)).rejects.toBe(broken)
    expect(await files()).toEqual([])
  })

  test('keeping the same bytes again repairs a corrupt object', async () => {
    const { sha256 } = await put('healthy')
    await writeFile(join(directory, sha256.slice(0, 2), sha256.slice(2, 4), sha256), 'rotten!')
    await put('healthy')
    expect(await read(sha256)).toEqual(Buffer.from('healthy'))
  })

  test('a full disk is reported as such, and leaves nothing', async ({ skip }) => {
    // A file system in a mount namespace of its own, which ends with the process that mounted it.
    const inNamespace = ['--mount', '--map-root-user', 'sh', '-c']
    const mount = 'mount -t tmpfs -o size=1m chandler-test "$0"'
    const run = promisify(execFile)
    const canMount = await run('unshare', [...inNamespace, mount, directory]).then(
      () => true,
      () => false,
    )
    skip(!canMount, 'this machine lets nobody mount a small file system (unshare, tmpfs)')
    const program = `
      import { Readable } from 'node:stream'
      import { readdir } from 'node:fs/promises'
      import { createFileObjectStore } from ${JSON.stringify(fileURLToPath(new URL('./file-object-store.ts', import.meta.url)))}
      const store = await createFileObjectStore(process.argv[1], { now: () => Date.now() })
      const error = await store.receive(Readable.from(Array.from({ length: 32 }, () => Buffer.alloc(64 * 1024))), 1e9).catch((error) => error)
      console.log(JSON.stringify({ code: error.code, cause: error.cause.code, left: await readdir(process.argv[1] + '/incoming') }))`
    const { stdout } = await run('unshare', [
      ...inNamespace,
      `${mount} && exec "$1" --input-type=module -e "$2" "$0"`,
      directory,
      process.execPath,
      program,
    ])
    expect(JSON.parse(stdout)).toEqual({ code: 'ObjectStoreFull', cause: 'ENOSPC', left: [] })
  })
})

describe('reading', () => {
  test('whole, from, and between, both ends inclusive', async () => {
    const { sha256 } = await put('0123456789')
    const text = async (range?: ByteRange) => (await read(sha256, range)).toString()
    expect(await text()).toBe('0123456789')
    expect(await text({ start: 7 })).toBe('789')
    expect(await text({ start: 2, end: 4 })).toBe('234')
    expect(await text({ start: 0, end: 0 })).toBe('0')
  })

  test('a missing object is an error before the first byte', async () => {
    await expect(store.read(sha256Of('nothing'))).rejects.toMatchObject({ code: 'ArtifactNotFound' })
    expect(await store.find(sha256Of('nothing'))).toBeUndefined()
  })

  test('only a digest is used as a path', async () => {
    for (const name of ['../../etc/passwd', '', 'incoming', sha256Of('x').toUpperCase()]) {
      await expect(store.read(name), name).rejects.toMatchObject({ code: 'ArtifactNotFound' })
      await expect(store.remove(name), name).rejects.toMatchObject({ code: 'ArtifactNotFound' })
    }
  })

  test('an active reader reads to the end while the object is removed', async () => {
    const content = randomBytes(3 * MiB + 1)
    const { sha256 } = await put(content)
    const copies: Buffer[] = []
    for await (const chunk of await store.read(sha256)) {
      if (copies.length === 0) await store.remove(sha256)
      copies.push(Buffer.from(chunk))
    }
    expect(Buffer.concat(copies).equals(content)).toBe(true)
    expect(await store.find(sha256)).toBeUndefined()
    await store.remove(sha256)
  })

  test('a reader that stops closes the file; many concurrent readers get smaller chunks', async ({ skip }) => {
    skip(process.platform !== 'linux', 'counts open files in /proc')
    const openFiles = async () => {
      const names = await readdir('/proc/self/fd')
      const paths = await Promise.all(names.map((name) => readlink(`/proc/self/fd/${name}`).catch(() => '')))
      return paths.filter((path) => path.startsWith(directory)).length
    }
    const { sha256 } = await put(randomBytes(MiB))
    const sizes: number[] = []
    const readers = await Promise.all(Array.from({ length: 100 }, () => store.read(sha256)))
    expect(await openFiles()).toBe(100)
    for (const reader of readers) {
      for await (const chunk of reader) {
        sizes.push(chunk.length)
        break
      }
    }
    expect(await openFiles()).toBe(0)
    expect(Math.max(...sizes) * 64 + Math.min(...sizes) * 1_000).toBeLessThan(100 * MiB)
    for await (const chunk of await store.read(sha256)) expect(chunk.length).toBe(Math.max(...sizes))
  })

  test('a truncated object is an error, not a short answer', async () => {
    const { sha256 } = await put('0123456789')
    await truncate(join(directory, sha256.slice(0, 2), sha256.slice(2, 4), sha256), 5)
    await expect(read(sha256, { start: 0, end: 9 })).rejects.toMatchObject({ code: 'ObjectStoreUnavailable' })
  })
})

test('list returns every object and nothing else', async () => {
  const stored = [await put('a'), await put('bb'), await put('ccc')]
  await receive('draft')
  await writeFile(join(directory, 'README'), 'not an object')
  const listed = new Map<string, number>()
  for await (const { sha256, sizeBytes } of store.list()) listed.set(sha256, sizeBytes)
  expect(listed).toEqual(new Map(stored.map(({ sha256, sizeBytes }) => [sha256, sizeBytes])))
})

test('leftovers of a crash are swept at the next start, current uploads are not', async () => {
  const incoming = join(directory, 'incoming')
  await receive('left behind by a process that is gone')
  const [left] = await readdir(incoming)
  const twoHoursAgo = new Date(Date.now() - 2 * 60 * 60_000)
  await utimes(join(incoming, left as string), twoHoursAgo, twoHoursAgo)
  const { sha256, keep } = await receive('still going')

  const restarted = await createFileObjectStore(directory, clock)

  expect(await readdir(incoming)).toHaveLength(1)
  await keep()
  expect(await restarted.find(sha256)).toBeDefined()
})

test('a sweep spares the files that this process is receiving, however slowly', async () => {
  const later = { now: () => Date.now() + 24 * 60 * 60_000 }
  const here = await createFileObjectStore(directory, later)
  const received = await here.receive(Readable.from([Buffer.from('slow')]), noLimit)
  await receive('of another process that is gone')
  expect(await here.sweep()).toBe(1)
  await received.keep()
  expect(await here.find(received.sha256)).toBeDefined()
})

describe('check', () => {
  test('passes and leaves nothing if all is well', async () => {
    await store.check()
    expect(await files()).toEqual([])
  })

  test('reports a directory that is not writable', async () => {
    await rm(directory, { recursive: true })
    await expect(store.check()).rejects.toMatchObject({ code: 'ObjectStoreUnavailable', cause: { code: 'ENOENT' } })
  })

  test('reports at the start a path that is not a directory', async () => {
    const path = join(directory, 'file')
    await writeFile(path, '')
    await expect(createFileObjectStore(path, clock)).rejects.toMatchObject({ code: 'ObjectStoreUnavailable' })
  })
})
