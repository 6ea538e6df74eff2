import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Parent of the built consoles, each in a folder named by its stamp: a server keeps its own while
 * another one is built.
 */
export const builtConsoles = (projectDirectory: string): string => join(projectDirectory, 'dist/console')

/** The built consoles in a folder, in no particular order; `builtAt` in ms since 1970. */
export async function listBuilds(folder: string): Promise<{ name: string; builtAt: number }[]> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => /^[0-9a-f]{12}$/.test(name))
  return Promise.all(names.map(async (name) => ({ name, builtAt: (await stat(join(folder, name))).mtimeMs })))
}
