import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { compileAgent } from '../../scripts/release/compile-agent.ts'

/** Compiles the agent; agents that the rest of this test file starts are the executable. */
export function useCompiledAgent(): void {
  const folder = mkdtempSync(join(tmpdir(), 'chandler-compiled-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const arch = process.arch === 'arm64' ? 'arm64' : 'x64'
  compileAgent(folder, [`linux-${arch}`])
  process.env['CHANDLER_TEST_AGENT'] = join(folder, arch === 'x64' ? 'linux-x86_64' : 'linux-arm64', 'chandler-agent')
}
