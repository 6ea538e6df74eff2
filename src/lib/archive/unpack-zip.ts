import { stat } from 'node:fs/promises'
import { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type Entry, open as openZip, type ZipFile } from 'yauzl'
import { ArchiveError, quote } from './archive-error.ts'
import { type ArchiveMeter, createArchiveMeter } from './archive-meter.ts'
import type { UnpackedTree } from './entry-tree.ts'

/** The target of a symbolic link is a path; no file system accepts longer ones. */
const maxLinkBytes = 4_096

/** Passes every entry of a zip to `tree`. Stops at the first problem. */
export async function unpackZip(path: string, tree: UnpackedTree, signal?: AbortSignal): Promise<void> {
  const meter = createArchiveMeter((await stat(path)).size)
  const zip = await new Promise<ZipFile>((done, fail) =>
    openZip(path, { lazyEntries: true, autoClose: false }, (error, file) => (error ? fail(error) : done(file))),
  )
  try {
    for await (const entry of entriesOf(zip)) {
      signal?.throwIfAborted()
      meter.entry()
      await unpackEntry(zip, entry, tree, meter, signal)
    }
  } finally {
    zip.close()
  }
}

/**
 * File type and permissions, as in stat(2), from the upper half of a zip entry's attributes. 0 if
 * the archive was not created on Unix.
 */
const fileTypes = { mask: 0o170000, none: 0, regular: 0o100000, directory: 0o040000, link: 0o120000 }

async function unpackEntry(
  zip: ZipFile,
  entry: Entry,
  tree: UnpackedTree,
  meter: ArchiveMeter,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { fileName } = entry
  const mode = entry.externalFileAttributes >>> 16
  const type = mode & fileTypes.mask
  if (fileName.endsWith('/') || type === fileTypes.directory) return tree.directory(fileName, mode & 0o777 || 0o755)
  if (type === fileTypes.link) return tree.symbolicLink(fileName, await readLinkTarget(zip, entry, meter))
  if (type !== fileTypes.none && type !== fileTypes.regular)
    throw new ArchiveError(`the entry ${quote(fileName)} is neither a file nor a directory nor a link`)
  const stream = await openEntry(zip, entry)
  const file = tree.file(fileName, mode & 0o777 || 0o644)
  try {
    await pipeline(stream, makeWriter(file, meter), { signal })
  } finally {
    file.close()
  }
}

const makeWriter = (file: { write(bytes: Buffer): void }, meter: ArchiveMeter) =>
  new Writable({
    write(chunk: Buffer, _, done) {
      try {
        meter.bytes(chunk.length)
        file.write(chunk)
        done()
      } catch (error) {
        done(error as Error)
      }
    },
  })

async function* entriesOf(zip: ZipFile): AsyncGenerator<Entry> {
  for (let left = zip.entryCount; left > 0; left--) {
    yield await new Promise<Entry>((done, fail) => {
      zip.once('error', fail)
      zip.once('entry', (entry: Entry) => {
        zip.removeListener('error', fail)
        done(entry)
      })
      zip.readEntry()
    })
  }
}

const openEntry = (zip: ZipFile, entry: Entry) =>
  new Promise<NodeJS.ReadableStream>((done, fail) =>
    zip.openReadStream(entry, (error, stream) =>
      error
        ? fail(new ArchiveError(`the entry ${quote(entry.fileName)} cannot be read: ${error.message}`))
        : done(stream),
    ),
  )

async function readLinkTarget(zip: ZipFile, entry: Entry, meter: ArchiveMeter): Promise<string> {
  if (entry.uncompressedSize > maxLinkBytes)
    throw new ArchiveError(`the link ${quote(entry.fileName)} has a target of ${entry.uncompressedSize} bytes`)
  const chunks: Buffer[] = []
  for await (const chunk of await openEntry(zip, entry)) chunks.push(Buffer.from(chunk))
  const target = Buffer.concat(chunks)
  meter.bytes(target.length)
  return target.toString('utf8')
}
