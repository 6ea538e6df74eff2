import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import { builtConsoles, listBuilds } from './built-consoles.ts'
import { makeViteConfig } from './vite-config.ts'

/** One for each of two servers during an update, and the previous one for a downgrade. */
const keptBuilds = 3
/** Compression does not pay below this size: the response fits into one packet anyway. */
const minCompressedBytes = 1_024
const compressed = /\.(?:js|css|html|svg|json)$/

/**
 * Builds the console of these sources unless it exists. One process builds at a time; the others
 * wait for it and use its result. The lock is an operating system lock, taken through SQLite on an
 * empty file (see `lockDataDirectory`): it ends with the process that holds it.
 */
export async function buildConsole(
  projectDirectory: string,
  stamp: string,
  warn: (text: string) => void,
): Promise<void> {
  const folder = builtConsoles(projectDirectory)
  await mkdir(folder, { recursive: true })
  const lock = new DatabaseSync(join(folder, 'build.lock'), { timeout: 600_000 })
  try {
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
    const target = join(folder, stamp)
    if (await stat(target).catch(() => undefined)) return
    const unfinished = join(folder, 'unfinished')
    await rm(unfinished, { recursive: true, force: true })
    // The bundler does not say that this was refused.
    await mkdir(unfinished)
    const config = makeViteConfig(projectDirectory)
    const { build } = await import('vite')
    await build({ ...config, build: { ...config.build, outDir: unfinished, emptyOutDir: true } })
    await compressFiles(unfinished)
    // The final name marks a complete build.
    await rename(unfinished, target)
    // Another user's builds, in a folder that is not theirs alone, remain; this one is complete.
    await removeOldBuilds(folder).catch((error: unknown) =>
      warn(`an old build of the console remains: ${(error as Error).message}`),
    )
  } finally {
    lock.close()
  }
}

const compressors = [
  ['gz', (bytes: Buffer) => promisify(gzip)(bytes, { level: 9 })],
  [
    'br',
    (bytes: Buffer) =>
      promisify(brotliCompress)(bytes, {
        params: { [constants.BROTLI_PARAM_QUALITY]: 10, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.byteLength },
      }),
  ],
] as const

/** Compresses the files once here instead of for every response. */
async function compressFiles(folder: string): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile() && compressed.test(entry.name))
  await Promise.all(
    files.map(async ({ parentPath, name }) => {
      const file = join(parentPath, name)
      const bytes = await readFile(file)
      if (bytes.byteLength < minCompressedBytes) return
      for (const [ending, compress] of compressors) await writeFile(`${file}.${ending}`, await compress(bytes))
    }),
  )
}

async function removeOldBuilds(folder: string): Promise<void> {
  const builds = (await listBuilds(folder)).toSorted((a, b) => b.builtAt - a.builtAt)
  for (const { name } of builds.slice(keptBuilds)) await rm(join(folder, name), { recursive: true, force: true })
}
