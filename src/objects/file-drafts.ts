import { createReadStream } from 'node:fs'
import { type FileHandle, mkdir, open, opendir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { chandlerError } from '../core/error/errors.ts'
import type { Clock } from '../lib/clock.ts'
import { explainFileError } from './explain-file-error.ts'
import type { DraftStore } from './object-store.ts'

/**
 * Longer than the server keeps an idle upload: files whose upload has expired are removed later.
 */
const abandonedAfterMs = 26 * 60 * 60_000
const draftName = /^up-[0-9a-z]{8,40}$/

/**
 * Bytes of resumable uploads, as growing files. Several server processes may share the directory.
 */
export async function createFileDrafts(
  directory: string,
  clock: Pick<Clock, 'now'>,
): Promise<DraftStore & { sweep(): Promise<number> }> {
  await explainFileError(() => mkdir(directory, { recursive: true, mode: 0o700 }))

  function pathOf(id: string): string {
    // The name is used as a path.
    if (!draftName.test(id)) throw chandlerError('UploadNotFound', { id })
    return join(directory, id)
  }

  async function sizeOf(id: string): Promise<number> {
    const path = pathOf(id)
    return explainFileError(() =>
      stat(path).then(
        ({ size }) => size,
        (error) => {
          if (error.code === 'ENOENT') return 0
          throw error
        },
      ),
    )
  }

  return {
    size: sizeOf,
    async append(id, offset, bytes, maxBytes) {
      const path = pathOf(id)
      // Never larger than the contiguous bytes received: a client may resume at this size.
      const sizeBytes = await sizeOf(id)
      if (offset > sizeBytes) throw chandlerError('UploadOffsetWrong', { id, offset, received: sizeBytes })
      const file = await explainFileError(async () => {
        await (await open(path, 'a', 0o600)).close()
        return open(path, 'r+')
      })
      try {
        return await writeAt(file, offset, bytes, maxBytes)
      } finally {
        await file.close()
      }
    },
    read: (id) => createReadStream(pathOf(id), { highWaterMark: 1024 * 1024 }),
    remove: (id) => explainFileError(() => rm(pathOf(id), { force: true })),
    async sweep() {
      const before = clock.now() - abandonedAfterMs
      let swept = 0
      for await (const { name } of await explainFileError(() => opendir(directory))) {
        const path = join(directory, name)
        const found = await stat(path).catch(() => undefined)
        if (!found || found.mtimeMs >= before) continue
        await explainFileError(() => rm(path, { recursive: true, force: true }))
        swept++
      }
      return swept
    },
  }
}

/**
 * Writes bytes as they arrive and keeps them when the sender disconnects. The same bytes sent
 * again, even by two senders at once, are written at the same offset. Returns the offset of the
 * end.
 */
async function writeAt(file: FileHandle, offset: number, bytes: Readable, maxBytes: number): Promise<number> {
  let position = offset
  for await (const chunk of bytes.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    if (position + chunk.length > maxBytes) throw chandlerError('ArtifactTooLarge', { maxBytes })
    for (let written = 0; written < chunk.length; ) {
      const place = position + written
      const from = written
      const { bytesWritten } = await explainFileError(() => file.write(chunk, from, chunk.length - from, place))
      written += bytesWritten
    }
    position += chunk.length
  }
  return position
}
