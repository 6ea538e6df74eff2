import { spawn } from 'node:child_process'
import { createReadStream, createWriteStream } from 'node:fs'
import { chmod, mkdir, open, symlink } from 'node:fs/promises'
import { dirname, posix, resolve, sep } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { extract } from 'tar'
import { type Entry, open as openZip, type ZipFile } from 'yauzl'
import { StepError } from './step-error.ts'

/** A symbolic link's target is a path; longer ones no file system takes. */
const maxLinkBytes = 4_096

/**
 * Unpacks an archive into an empty directory, with the modes it says and the agent as owner. An entry that would leave the directory, or is
 * neither file, directory nor link, is an error that names it: nothing is left out in silence. Rejects with a StepError.
 */
export async function unpackArchive(kind: 'tar' | 'zip', path: string, directory: string): Promise<void> {
  try {
    await (kind === 'tar' ? unpackTar(path, directory) : unpackZip(path, directory))
  } catch (error) {
    if (error instanceof StepError || (error as NodeJS.ErrnoException).syscall !== undefined) throw error
    const why = error instanceof Error ? error.message : String(error)
    throw new StepError('Unsupported', `The ${kind} artifact cannot be unpacked: ${why}.`, { cause: error })
  }
}

async function unpackTar(path: string, directory: string): Promise<void> {
  const unpack = extract({ cwd: directory, strict: true, preserveOwner: false, chmod: true, processUmask: 0 })
  const program = await findDecompressor(path)
  if (program === undefined) return pipeline(createReadStream(path, { highWaterMark: 256 * 1024 }), unpack)
  const child = spawn(program, ['-dc', '--', path], { stdio: ['ignore', 'pipe', 'ignore'] })
  const ended = new Promise<void>((done, fail) => {
    child.once('error', (error: NodeJS.ErrnoException) =>
      fail(
        error.code === 'ENOENT'
          ? new StepError(
              'Unsupported',
              `The artifact needs the program ${program}, which is missing. Install it, or pack with gzip.`,
            )
          : error,
      ),
    )
    child.once('close', (code) => (code === 0 ? done() : fail(new Error(`${program} ended with exit code ${code}`))))
  })
  await Promise.all([pipeline(child.stdout, unpack), ended])
}

/** gzip, brotli and zstd the library reads by itself; for the other usual two there is a program. */
async function findDecompressor(path: string): Promise<string | undefined> {
  const file = await open(path)
  try {
    const { buffer } = await file.read(Buffer.alloc(6), 0, 6, 0)
    if (buffer.toString('hex') === 'fd377a585a00') return 'xz'
    return buffer.toString('latin1', 0, 3) === 'BZh' ? 'bzip2' : undefined
  } finally {
    await file.close()
  }
}

async function unpackZip(path: string, directory: string): Promise<void> {
  const zip = await new Promise<ZipFile>((done, fail) =>
    openZip(path, { lazyEntries: true, autoClose: false }, (error, file) => (error ? fail(error) : done(file))),
  )
  // Links last: no entry can then be written through one.
  const links: { at: string; target: string }[] = []
  try {
    for await (const entry of entriesOf(zip)) await unpackZipEntry(zip, entry, directory, links)
    for (const { at, target } of links) await symlink(target, at)
  } finally {
    zip.close()
  }
}

/** Of the upper half of a zip entry's attributes: file type and permissions, as stat(2) has them. 0 where they come from no Unix. */
const fileTypes = { mask: 0o170000, none: 0, regular: 0o100000, directory: 0o040000, link: 0o120000 }

async function unpackZipEntry(zip: ZipFile, entry: Entry, directory: string, links: { at: string; target: string }[]) {
  const mode = entry.externalFileAttributes >>> 16
  const type = mode & fileTypes.mask
  const at = resolve(directory, entry.fileName)
  if (!at.startsWith(directory + sep)) throw new Error(`"${entry.fileName}" leaves the workspace`)
  if (entry.fileName.endsWith('/')) return void (await mkdir(at, { recursive: true, mode: (mode & 0o777) | 0o700 }))
  await mkdir(dirname(at), { recursive: true })
  if (type === fileTypes.link) {
    const target = await readLinkTarget(zip, entry)
    const leads = posix.normalize(posix.join(posix.dirname(entry.fileName), target))
    if (posix.isAbsolute(target) || leads.startsWith('../'))
      throw new Error(`the link "${entry.fileName}" leaves the workspace`)
    links.push({ at, target })
    return
  }
  if (type !== fileTypes.none && type !== fileTypes.regular)
    throw new Error(`"${entry.fileName}" is neither a file nor a directory nor a link`)
  await pipeline(await openEntry(zip, entry), createWriteStream(at, { flags: 'wx' }))
  // Not when it is opened, where the agent's umask would take from it.
  await chmod(at, mode & 0o777 || 0o644)
}

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
    zip.openReadStream(entry, (error, stream) => (error ? fail(error) : done(stream))),
  )

async function readLinkTarget(zip: ZipFile, entry: Entry): Promise<string> {
  if (entry.uncompressedSize > maxLinkBytes)
    throw new Error(`the link "${entry.fileName}" has a target of ${entry.uncompressedSize} bytes`)
  const chunks: Buffer[] = []
  for await (const chunk of await openEntry(zip, entry)) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks).toString('utf8')
}
