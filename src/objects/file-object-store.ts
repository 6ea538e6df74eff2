/**
 * Objects as files: `ab/cd/<sha256>` below a directory, `incoming/` for bytes that are being
 * received, `uploads/` for resumable uploads.
 *
 * A file with a sha256 name is always complete: it is written and synced under another name in the
 * same file system, then renamed, and the rename is synced. Several server processes may share the
 * directory.
 */
import { randomBytes } from 'node:crypto'
import { mkdir, open, opendir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { chandlerError } from '../core/error/errors.ts'
import type { Clock } from '../lib/clock.ts'
import { syncDirectory } from '../lib/write-file-durably.ts'
import { explainFileError } from './explain-file-error.ts'
import { createFileDrafts } from './file-drafts.ts'
import type { ByteRange, ObjectStore, ReceivedObject, StoredObject } from './object-store.ts'
import { readChunks } from './read-chunks.ts'
import { writeStream } from './write-stream.ts'

/** A file without writes for so long is abandoned: silent senders are disconnected long before. */
const abandonedAfterMs = 60 * 60_000

const incomingFolder = 'incoming'
const draftsFolder = 'uploads'
const sha256Name = /^[0-9a-f]{64}$/

/** @throws ObjectStoreUnavailable, ObjectStoreFull */
export async function createFileObjectStore(directory: string, clock: Pick<Clock, 'now'>): Promise<ObjectStore> {
  const incoming = join(directory, incomingFolder)
  await explainFileError(async () => {
    await mkdir(incoming, { recursive: true, mode: 0o700 })
    await syncDirectory(directory)
  })

  const drafts = await createFileDrafts(join(directory, draftsFolder), clock)

  function pathOf(sha256: string): string {
    // The name is used as a path: only digests are valid.
    if (!sha256Name.test(sha256)) throw chandlerError('ArtifactNotFound', { sha256 })
    return join(directory, sha256.slice(0, 2), sha256.slice(2, 4), sha256)
  }

  /** Files that this process is receiving are never swept, however slow the sender is. */
  const receiving = new Set<string>()

  async function receive(bytes: Readable, maxBytes: number): Promise<ReceivedObject> {
    const draft = join(incoming, randomBytes(12).toString('hex'))
    receiving.add(draft)
    const forget = async () => {
      await rm(draft, { force: true })
      receiving.delete(draft)
    }
    try {
      const file = await explainFileError(() => open(draft, 'wx', 0o600))
      let digest: StoredObject
      try {
        digest = await writeStream(file, bytes, maxBytes)
        await explainFileError(() => file.sync())
      } finally {
        await file.close()
      }
      return {
        ...digest,
        keep: () => explainFileError(() => moveIntoPlace(draft, digest.sha256)),
        discard: () => explainFileError(forget),
      }
    } catch (error) {
      await forget()
      throw error
    }
  }

  async function moveIntoPlace(draft: string, sha256: string) {
    const path = pathOf(sha256)
    const folder = dirname(path)
    const made = await mkdir(folder, { recursive: true, mode: 0o700 })
    // A rename over an existing object changes nothing, unless the stored bytes were corrupt.
    await rename(draft, path)
    await syncDirectory(folder)
    if (made !== undefined) {
      await syncDirectory(dirname(folder))
      await syncDirectory(directory)
    }
  }

  async function find(sha256: string): Promise<StoredObject | undefined> {
    const path = pathOf(sha256)
    return explainFileError(async () => {
      const found = await ignoringAbsence(() => stat(path))
      return found?.isFile() ? { sha256, sizeBytes: found.size } : undefined
    })
  }

  let readers = 0
  async function read(sha256: string, range?: ByteRange): Promise<AsyncIterable<Uint8Array>> {
    const path = pathOf(sha256)
    const file = await explainFileError(() => ignoringAbsence(() => open(path, 'r')))
    if (file === undefined) throw chandlerError('ArtifactNotFound', { sha256 })
    return readChunks(file, range, ++readers, () => readers--)
  }

  async function* list(): AsyncGenerator<StoredObject> {
    for (const first of await namesIn(directory, /^[0-9a-f]{2}$/)) {
      for (const second of await namesIn(join(directory, first), /^[0-9a-f]{2}$/)) {
        for (const sha256 of await namesIn(join(directory, first, second), sha256Name)) {
          const found = await find(sha256)
          // Undefined: removed after the folder was read.
          if (found !== undefined) yield found
        }
      }
    }
  }

  async function sweep(): Promise<number> {
    const lastWrittenBefore = clock.now() - abandonedAfterMs
    let swept = 0
    for (const name of await namesIn(incoming, /^/)) {
      const path = join(incoming, name)
      if (receiving.has(path)) continue
      const found = await explainFileError(() => ignoringAbsence(() => stat(path)))
      if (found === undefined || found.mtimeMs >= lastWrittenBefore) continue
      await explainFileError(() => rm(path, { recursive: true, force: true }))
      swept++
    }
    return swept + (await drafts.sweep())
  }

  async function check() {
    const probe = join(incoming, `check-${randomBytes(6).toString('hex')}`)
    await explainFileError(async () => {
      try {
        const file = await open(probe, 'wx', 0o600)
        try {
          await file.writeFile('check')
          await file.sync()
        } finally {
          await file.close()
        }
      } finally {
        await rm(probe, { force: true })
      }
    })
  }

  await sweep()
  return {
    receive,
    find,
    read,
    list,
    sweep,
    check,
    drafts,
    remove: async (sha256) => {
      const path = pathOf(sha256)
      await explainFileError(() => rm(path, { force: true }))
    },
    presign: () => Promise.resolve(undefined),
  }
}

const namesIn = (directory: string, pattern: RegExp): Promise<string[]> =>
  explainFileError(async () => {
    const names: string[] = []
    const entries = await ignoringAbsence(() => opendir(directory))
    if (entries !== undefined) for await (const { name } of entries) if (pattern.test(name)) names.push(name)
    return names
  })

async function ignoringAbsence<T>(action: () => Promise<T>): Promise<T | undefined> {
  try {
    return await action()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
