import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Everything that the built console depends on: its sources and their imports, the versions of the
 * packages, and the build configuration.
 */
const sources = ['console', 'src/client', 'src/protocol', 'src/core', 'src/server/console', 'package-lock.json']

/**
 * Identifies the build of these sources, as 12 hex digits. Undefined if there are no sources: an
 * installed package contains only the built console.
 */
export async function findConsoleStamp(projectDirectory: string): Promise<string | undefined> {
  const files = (await Promise.all(sources.map((source) => listFiles(projectDirectory, source)))).flat().sort()
  if (!files.includes('console/index.html')) return undefined
  const hash = createHash('sha256')
  for (const file of files) {
    const content = await readFile(join(projectDirectory, file))
    hash.update(`${file}\0${content.byteLength}\0`).update(content)
  }
  return hash.digest('hex').slice(0, 12)
}

async function listFiles(projectDirectory: string, path: string): Promise<string[]> {
  if (path.endsWith('.json')) return [path]
  const entries = await readdir(join(projectDirectory, path), { recursive: true, withFileTypes: true }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return []
      throw error
    },
  )
  return entries
    .filter((entry) => entry.isFile() && !/\.test\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(join(projectDirectory, '/').length))
}
