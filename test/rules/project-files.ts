import { readdirSync, readFileSync } from 'node:fs'
import { basename, matchesGlob } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The checkout's folder, with a trailing slash. */
export const projectRoot = fileURLToPath(new URL('../../', import.meta.url))

/**
 * Every file of the project, as paths from its root, sorted; without .git and files in .gitignore.
 *
 * Reads the disk instead of git: so the rules cover files that are not added yet, and work in a
 * checkout of another owner (where git refuses to run).
 */
export function listProjectFiles(): string[] {
  const ignored = readFileSync(`${projectRoot}.gitignore`, 'utf8')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
  const ignoredFolders = new Set([
    '.git',
    ...ignored.filter((line) => line.endsWith('/')).map((line) => line.slice(0, -1)),
  ])
  const ignoredFiles = ignored.filter((line) => !line.endsWith('/'))

  const files: string[] = []
  const walk = (folder: string) => {
    for (const entry of readdirSync(`${projectRoot}${folder}`, { withFileTypes: true })) {
      const path = `${folder}${entry.name}`
      // Also where such a folder is a link to another checkout's.
      if (ignoredFolders.has(entry.name)) continue
      if (entry.isDirectory()) walk(`${path}/`)
      else if (!ignoredFiles.some((pattern) => matchesGlob(basename(path), pattern))) files.push(path)
    }
  }
  walk('')
  return files.sort()
}

export const isTest = (path: string) => path.startsWith('test/') || /\.test\.tsx?$/.test(path)
export const isCode = (path: string) => /\.(tsx?|mjs)$/.test(path)

/** The product's own code: TypeScript in src/ and console/, without the tests beside it. */
export const listSourceFiles = () =>
  listProjectFiles().filter((path) => /^(src|console)\//.test(path) && isCode(path) && !isTest(path))

export const readProjectFile = (path: string) => readFileSync(`${projectRoot}${path}`, 'utf8')
