import { spawn } from 'node:child_process'
import { createReadStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { type Readable, Transform, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { Parser, type ReadEntry } from 'tar'
import { ArchiveError, quote } from './archive-error.ts'
import { createArchiveMeter } from './archive-meter.ts'
import type { UnpackedTree } from './entry-tree.ts'

/** Passes every entry of a tar, compressed or not, to `tree`. Stops at the first problem. */
export async function unpackTar(path: string, tree: UnpackedTree, signal?: AbortSignal): Promise<void> {
  const meter = createArchiveMeter((await stat(path)).size)
  const source = await openUnpacked(path)
  const counted = new Transform({
    transform(chunk: Buffer, _, done) {
      try {
        meter.bytes(chunk.length)
        done(null, chunk)
      } catch (error) {
        done(error as Error)
      }
    },
  })
  const reader = createTarReader(tree, meter.entry)
  await Promise.all([pipeline(source.bytes, counted, reader, { signal }), source.ended])
}

/**
 * Writes each chunk before reading the next one: no write is pending when an entry turns out to be
 * invalid.
 */
function createTarReader(tree: UnpackedTree, countEntry: () => void): Writable {
  const parser = new Parser({ strict: true })
  let failure: unknown
  let open: { close(): void } | undefined
  const fail = (error: unknown) => {
    failure ??= error
  }
  const guarded =
    <Args extends unknown[]>(work: (...args: Args) => void) =>
    (...args: Args) => {
      if (failure !== undefined) return
      try {
        work(...args)
      } catch (error) {
        fail(error)
      }
    }
  let sparse = false
  parser.on('error', fail)
  parser.on(
    'meta',
    guarded((text: string) => {
      // GNU tar stores sparse files as POSIX entries in its own format, named in the extended
      // header.
      if (/(?:^|\n)[0-9]+ GNU\.sparse\./.test(text)) sparse = true
      if (hasBrokenLine(text))
        throw new ArchiveError(`a name with a line end in an extended header cannot be read: ${quote(text)}`)
    }),
  )
  parser.on(
    'ignoredEntry',
    guarded((entry: ReadEntry) => {
      countEntry()
      if (String(entry.type) === 'TapeVolumeHeader') return
      if (String(entry.type) === 'SparseFile') throw sparseError(entry.path)
      throw new ArchiveError(`the entry ${quote(entry.path)} is of a kind that is not supported (${entry.type})`)
    }),
  )
  parser.on('entry', (entry: ReadEntry) => {
    guarded(() => {
      countEntry()
      if (sparse) throw sparseError(entry.path.replace(/(^|\/)GNUSparseFile\.[0-9]+\//, '$1').replace(/^\.\//, ''))
      open = receive(entry, tree, guarded)
    })()
    entry.on('end', () => (open = undefined))
    entry.resume()
  })
  let isFirst = true
  const result = (done: (error?: Error | null) => void) => done(failure === undefined ? null : (failure as Error))
  return new Writable({
    write(chunk: Buffer, _, done) {
      // The library would decompress it a second time, without counting the bytes.
      if (isFirst && /^(?:1f8b|28b52ffd)/.test(chunk.toString('hex', 0, 4)))
        fail(new ArchiveError('it is packed twice'))
      else parser.write(chunk)
      isFirst = false
      result(done)
    },
    final(done) {
      parser.end()
      result(done)
    },
    destroy(error, done) {
      // The archive ends within a file: close the file, so that its directory can be removed.
      if (open) closeQuietly(open)
      done(error)
    },
  })
}

type Guard = <Args extends unknown[]>(work: (...args: Args) => void) => (...args: Args) => void

/** Starts an entry, whose bytes follow as events. Holds the open file, if any. */
function receive(entry: ReadEntry, tree: UnpackedTree, guarded: Guard): { close(): void } | undefined {
  const { path, linkpath = '', mode, type } = entry
  if (type === 'Directory' || type === 'GNUDumpDir') tree.directory(path, mode ?? 0o755)
  else if (type === 'SymbolicLink') tree.symbolicLink(path, linkpath)
  else if (type === 'Link') tree.hardLink(path, linkpath)
  else if (type === 'File' || type === 'OldFile' || type === 'ContiguousFile') return receiveFile(entry, tree, guarded)
  else throw new ArchiveError(`the entry ${quote(path)} is neither a file nor a directory nor a link (${type})`)
  return undefined
}

function receiveFile(entry: ReadEntry, tree: UnpackedTree, guarded: Guard): { close(): void } {
  const file = tree.file(entry.path, entry.mode ?? 0o644, entry.mtime)
  let isOpen = true
  const close = () => {
    if (!isOpen) return
    isOpen = false
    file.close()
  }
  entry.on(
    'data',
    guarded((bytes: Buffer) => file.write(bytes)),
  )
  entry.on('end', guarded(close))
  return { close }
}

const sparseError = (name: string) =>
  new ArchiveError(`the entry ${quote(name)} is a sparse file, which is not supported; pack it without --sparse`)

/**
 * The library reads extended headers line by line: it would lose a value that spans lines, and the
 * entry would get another name.
 */
function hasBrokenLine(text: string): boolean {
  if (!/^[0-9]+ [^=\n]+=/.test(text)) return false
  return text
    .replace(/\n$/, '')
    .split('\n')
    .some(
      (line) => Number.parseInt(line, 10) !== Buffer.byteLength(line) + 1 && /^[0-9]+ (?:path|linkpath)=/.test(line),
    )
}

function closeQuietly(file: { close(): void }): void {
  try {
    file.close()
  } catch {
    // Report the first error.
  }
}

/** The bytes of the tar itself. `ended` rejects if the external decompressor failed. */
async function openUnpacked(path: string): Promise<{ bytes: Readable; ended: Promise<void> }> {
  const head = await readHead(path)
  const raw = () => createReadStream(path, { highWaterMark: 256 * 1024 })
  const within = (bytes: Readable) => ({ bytes, ended: Promise.resolve() })
  if (head.startsWith('1f8b')) return within(chain(raw(), createGunzip({ chunkSize: 64 * 1024 })))
  if (head.startsWith('28b52ffd')) return within(chain(raw(), createZstdDecompress()))
  if (head === 'fd377a585a00') return startProgram('xz', path)
  if (head.startsWith('425a68')) return startProgram('bzip2', path)
  return within(raw())
}

function chain(from: Readable, through: Transform): Readable {
  from.on('error', (error) => through.destroy(error))
  through.on('close', () => from.destroy())
  return from.pipe(through)
}

async function readHead(path: string): Promise<string> {
  const file = await open(path)
  try {
    const { buffer } = await file.read(Buffer.alloc(6), 0, 6, 0)
    return buffer.toString('hex')
  } finally {
    await file.close()
  }
}

/** Compression formats that Node.js does not support. */
function startProgram(program: string, path: string): { bytes: Readable; ended: Promise<void> } {
  const child = spawn(program, ['-dc', '--', path], { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said = `${said}${text}`.slice(0, 500)))
  const ended = new Promise<void>((done, fail) => {
    child.once('error', (error: NodeJS.ErrnoException) =>
      fail(
        error.code === 'ENOENT'
          ? new ArchiveError(`it needs the program ${program}, which is missing; install it, or pack with gzip`, {
              cause: error,
            })
          : error,
      ),
    )
    // We killed it: report the reason for that instead.
    child.once('close', (code, signal) =>
      code === 0 || signal !== null
        ? done()
        : fail(new ArchiveError(`${program} ended with exit code ${code}: ${said.trim()}`)),
    )
  })
  child.stdout.once('close', () => child.kill())
  return { bytes: child.stdout, ended }
}
