import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from './rules/project-files.ts'

/**
 * The executable that agents of tests are, with `CHANDLER_TEST_AGENT=executable`; undefined: they run
 * from the sources with Node.js. Made with `npm run build:agent`.
 */
export function findTestExecutable(): string | undefined {
  const wanted = process.env['CHANDLER_TEST_AGENT'] ?? 'node'
  if (wanted === 'node') return undefined
  if (wanted !== 'executable') throw new Error(`CHANDLER_TEST_AGENT is node or executable, not ${wanted}`)
  const arch = process.arch === 'arm64' ? 'arm64' : 'x86_64'
  const path = join(projectRoot, `dist/agent/linux-${arch}/chandler-agent`)
  if (!existsSync(path)) throw new Error(`${path} does not exist; run: npm run build:agent`)
  return path
}
