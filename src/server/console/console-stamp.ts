import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Everything that the built console depends on: its sources, what they import, the versions of the packages, and how it is built. */
const sources = ['console', 'src/client', 'src/protocol', 'src/core', 'src/server/console', 'package-lock.json']

/** Names what would be built of these sources, in 12 hex digits. Undefined where there are none: an installed package brings the built console only. */
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
