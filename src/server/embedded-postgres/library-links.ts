import { lstat, readFile, symlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'

const linksSchema = z.array(z.object({ source: z.string(), target: z.string() })).max(1_000)

/** A symbolic link at the absolute path `at` to its sibling `to`. */
export interface LibraryLink {
  at: string
  to: string
}

/**
 * npm packages cannot contain symbolic links: the package lists those that its libraries need, and
 * its post-install step creates them, which is skipped if install scripts are disabled. Returns the
 * missing ones.
 * @param native the folder that contains `pg-symlinks.json`
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

/** Creates the missing links. */
export async function makeLinks(links: readonly LibraryLink[]): Promise<void> {
  for (const { at, to } of links) {
    await symlink(to, at).catch((error: NodeJS.ErrnoException) => {
      // Another server that starts at the same time created it.
      if (error.code !== 'EEXIST') throw error
    })
  }
}
