import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from './rules/project-files.ts'

/**
 * The executable that agents of tests are, with `CHANDLER_TEST_AGENT`: `executable` is the one that
 * `npm run build:agent` makes, anything else the path of one; undefined: they run from the sources with
 * Node.js.
 */
export function findTestExecutable(): string | undefined {
  const wanted = process.env['CHANDLER_TEST_AGENT'] ?? 'node'
  if (wanted === 'node') return undefined
  const arch = process.arch === 'arm64' ? 'arm64' : 'x86_64'
  const built = join(projectRoot, `dist/agent/linux-${arch}/chandler-agent`)
  const path = wanted === 'executable' ? built : wanted
  if (!existsSync(path)) throw new Error(`${path} does not exist; run: npm run build:agent`)
  return path
}
