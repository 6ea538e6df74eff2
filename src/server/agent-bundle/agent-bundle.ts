import { createHash, randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { Header } from 'tar'
import { chandlerError } from '../../core/error/errors.ts'
import { type AgentArch, agentArchs } from '../../core/instance/agent-program.ts'
import { type OsFamily, osFamilies } from '../../core/instance/facts.ts'
import { type Digest, digestFile, sha256Of } from '../../lib/digest.ts'
import type { Logger } from '../../lib/logger.ts'
import { syncDirectory } from '../../lib/write-file-durably.ts'
import { type AgentBundle, type AgentBundles, type AgentFile, isUnavailable } from '../app/agent/agent-bundles.ts'
import { listBundleFiles, NoRuntime } from './agent-bundle-files.ts'
import { findExecutable } from './agent-executable.ts'
import type { BundleFile } from './bundle-file.ts'

interface Options {
  readonly dataDirectory: string
  /** The server's own installation: the folder that contains src and node_modules. */
  readonly projectDirectory: string
  /** Folder with compiled agents; undefined: instances get the sources with Node.js. */
  readonly executablesDirectory: string | undefined
  readonly version: string
  readonly log: Logger
  /** Ends a build that the server no longer waits for; its draft is removed. */
  readonly stop?: AbortSignal
}

const allTargets = osFamilies.flatMap((os) => agentArchs.map((arch) => ({ os, arch })))

interface Made extends Digest {
  readonly path: string
  readonly executable: (MeasuredPath & { readonly libraries: ReadonlyMap<string, MeasuredPath> }) | undefined
}

interface MeasuredPath extends Digest {
  readonly path: string
}

export interface ServerAgentBundles extends AgentBundles {
  /**
   * Builds the bundles that are missing, one after the other: otherwise the first instance, or the
   * first plan of an agent upgrade, waits 10 to 30 s for it. Never rejects.
   */
  build(): Promise<void>
}

/**
 * Builds the archives that instances install the agent from, from the server's own files. Each is
 * built at its first request and kept in the data directory under a name derived from its contents,
 * where the next start finds it.
 */
export function createAgentBundles(options: Options): ServerAgentBundles {
  const { log, stop } = options
  const made = new Map<string, Promise<Made>>()
  const makeOnce = (arch: AgentArch, os: OsFamily) => {
    const key = `${os}-${arch}`
    const known = made.get(key)
    if (known) return known
    const making = make(os, arch, options)
    made.set(key, making)
    // The next request retries: a full disk may have space by then.
    making.catch(() => made.delete(key))
    return making
  }
  async function get(arch: AgentArch, os: OsFamily): Promise<AgentBundle> {
    const first = await makeOnce(arch, os)
    const isThere = await stat(first.path).then(
      () => true,
      () => false,
    )
    if (!isThere) made.delete(`${os}-${arch}`)
    const { path, sha256, sizeBytes, executable } = isThere ? first : await makeOnce(arch, os)
    return {
      sha256,
      sizeBytes,
      version: options.version,
      read: (range) => createReadStream(path, range),
      ...(executable && {
        executable: {
          ...readable(executable),
          libraries: new Map([...executable.libraries].map(([name, library]) => [name, readable(library)])),
        },
      }),
    }
  }
  /** Undefined if this server provides no agent for the architecture. */
  const getIfAny = (arch: AgentArch, os: OsFamily) =>
    get(arch, os).catch((error: unknown) => {
      if (isUnavailable(error)) return undefined
      throw error
    })
  return {
    open: (arch, os = 'linux') =>
      get(arch, os).catch((error: unknown) => {
        if (isUnavailable(error)) log.warn('no agent can be provided', { os, arch, error: String(error) })
        throw error
      }),
    async find(sha256) {
      for (const { os, arch } of allTargets) {
        const bundle = await getIfAny(arch, os)
        if (bundle?.sha256 === sha256) return bundle
      }
      return undefined
    },
    async build() {
      for (const { os, arch } of allTargets) {
        if (stop?.aborted) return
        await getIfAny(arch, os).catch((error: unknown) => {
          if (stop?.aborted) return
          log.warn('an agent bundle was not built; the next request for it tries again', {
            os,
            arch,
            error: String(error),
          })
        })
      }
    },
  }
}

async function make(os: OsFamily, arch: AgentArch, options: Options): Promise<Made> {
  const { dataDirectory, version, log, stop } = options
  const { executable, files } = await chooseFiles(os, arch, options)
  const measured = await measure(files)
  const ofExecutable = executable ? describeExecutable(measured) : undefined
  const content = sha256Of(
    measured.map(({ path, isExecutable, sha256 }) => `${path} ${isExecutable} ${sha256}\n`).join(''),
  )
  const directory = join(dataDirectory, 'agent-bundles')
  const prefix = `chandler-agent-${os}-${arch}-`
  const name = `${prefix}${version}-${content.slice(0, 16)}.tar.gz`
  const path = join(directory, name)
  await mkdir(directory, { recursive: true, mode: 0o700 })
  // The final name marks a complete file: it is given after everything is synced to disk.
  const kept = await digestFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (kept) return { path, ...kept, executable: ofExecutable }
  const others = (await readdir(directory)).filter((other) => other.startsWith(prefix))
  const digest = await write(measured, path, stop)
  for (const other of others) await rm(join(directory, other), { force: true })
  log.info('an agent bundle was built', { os, arch, version, ...digest })
  return { path, ...digest, executable: ofExecutable }
}

const readable = ({ path, sha256, sizeBytes }: MeasuredPath): AgentFile => ({
  sha256,
  sizeBytes,
  read: () => createReadStream(path),
})

function describeExecutable(measured: readonly MeasuredFile[]): Made['executable'] {
  const paths = new Map(
    measured.flatMap(({ path, content, sha256, sizeBytes }) =>
      'from' in content ? [[path, { path: content.from, sha256, sizeBytes }] as const] : [],
    ),
  )
  const program = paths.get('bin/chandler-agent')
  const libraries = [...paths].filter(([path]) => path.startsWith('lib/'))
  return (
    program && { ...program, libraries: new Map(libraries.map(([path, file]) => [path.slice('lib/'.length), file])) }
  )
}

/** An executable if the server has one, else the sources with Node.js. */
async function chooseFiles(
  os: OsFamily,
  arch: AgentArch,
  { dataDirectory, projectDirectory, executablesDirectory, version, log }: Options,
): Promise<{ readonly executable?: true; readonly files: readonly BundleFile[] }> {
  if (executablesDirectory !== undefined && os === 'linux') {
    const found = await findExecutable(arch, { directory: executablesDirectory, version })
    if ('files' in found) {
      const licence = { path: 'LICENSE', isExecutable: false, content: { from: join(projectDirectory, 'LICENSE') } }
      return { executable: true, files: [...found.files, licence] }
    }
    log.warn('no executable of the agent; instances get the agent with Node.js', { arch, reason: found.obstacle })
  }
  const runtimeDirectory = join(dataDirectory, 'agent-node')
  try {
    return {
      files: await listBundleFiles(arch, { os, projectDirectory, runtimeDirectory, executablesDirectory, version }),
    }
  } catch (error) {
    if (!(error instanceof NoRuntime)) throw error
    throw chandlerError('AgentBundleUnavailable', { os, arch, reason: error.message }, undefined, { cause: error })
  }
}

type MeasuredFile = BundleFile & Digest

async function measure(files: readonly BundleFile[]): Promise<MeasuredFile[]> {
  const measured: MeasuredFile[] = []
  for (const file of files) {
    const { content } = file
    const digest =
      'text' in content
        ? { sha256: sha256Of(content.text), sizeBytes: Buffer.byteLength(content.text) }
        : await digestFile(content.from)
    measured.push({ ...file, ...digest })
  }
  return measured
}

async function write(files: readonly MeasuredFile[], path: string, signal: AbortSignal | undefined): Promise<Digest> {
  const draft = `${path}.${randomBytes(6).toString('hex')}.tmp`
  const hash = createHash('sha256')
  let sizeBytes = 0
  try {
    const file = await open(draft, 'wx', 0o600)
    try {
      const save = async (chunks: AsyncIterable<Uint8Array>) => {
        for await (const chunk of chunks) {
          hash.update(chunk)
          sizeBytes += chunk.length
          await file.writeFile(chunk)
        }
      }
      await pipeline(Readable.from(packTar(files)), createGzip(), save, signal === undefined ? {} : { signal })
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(draft, path)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
  await syncDirectory(join(path, '..'))
  return { sha256: hash.digest('hex'), sizeBytes }
}

const blockBytes = 512
/** A constant modification time makes the archive reproducible. */
const mtime = new Date(0)

/** Yields a ustar archive in chunks, because its Node.js is too large to hold in memory. */
async function* packTar(files: readonly MeasuredFile[]): AsyncGenerator<Uint8Array> {
  for (const { path, isExecutable, content, sizeBytes } of files) {
    const mode = isExecutable ? 0o755 : 0o644
    const header = new Header({ path, mode, size: sizeBytes, type: 'File', mtime, uid: 0, gid: 0 })
    if (header.encode() || !header.block) throw new Error(`the name ${path} does not fit into a tar archive`)
    yield header.block
    let packedBytes = 0
    for await (const chunk of 'text' in content ? [Buffer.from(content.text)] : createReadStream(content.from)) {
      packedBytes += chunk.length
      yield chunk
    }
    if (packedBytes !== sizeBytes) throw new Error(`${path} has changed while it was packed`)
    yield Buffer.alloc((blockBytes - (sizeBytes % blockBytes)) % blockBytes)
  }
  yield Buffer.alloc(2 * blockBytes)
}
