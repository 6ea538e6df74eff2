import { lstat, readFile, symlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'

const linksSchema = z.array(z.object({ source: z.string(), target: z.string() })).max(1_000)

/** A symbolic link at `at` (absolute) to its neighbour `to`. */
export interface LibraryLink {
  at: string
  to: string
}

/**
 * npm packages cannot hold symbolic links: the package lists those its libraries need, and its post-install step makes
 * them, which does not run where install scripts are off. Returns those that are missing.
 * @param native the folder that holds `pg-symlinks.json`
 */
export async function findMissingLinks(native: string): Promise<LibraryLink[]> {
  const listed = linksSchema.parse(JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8')))
  const missing: LibraryLink[] = []
  for (const { source, target } of listed) {
    if (dirname(source) !== dirname(target) || !target.startsWith('native/') || target.split('/').includes('..')) {
      throw new Error(`${native}/pg-symlinks.json has an unexpected link: ${target} to ${source}`)
    }
    const at = join(native, target.slice('native/'.length))
    if (!(await isThere(at))) missing.push({ at, to: basename(source) })
  }
  return missing
}

const isThere = (path: string) =>
  lstat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false
      throw error
    },
  )

export async function makeLinks(links: readonly LibraryLink[]): Promise<void> {
  for (const { at, to } of links) {
    await symlink(to, at).catch((error: NodeJS.ErrnoException) => {
      // Another server that starts now made it.
      if (error.code !== 'EEXIST') throw error
    })
  }
}
