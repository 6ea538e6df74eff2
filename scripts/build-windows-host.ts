// Compiles packaging/windows/chandler-host.c: `npm run build:windows-host`. With the node.exe of Node.js in the same folder, a
// server provides agents for Windows from it (CHANDLER_AGENT_EXECUTABLES, or DATA/agent-node).
import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { windowsCompiler, windowsHostArguments, windowsHostSource } from './release/windows-host.ts'

const folder = fileURLToPath(new URL('../dist/agent/windows-x86_64', import.meta.url))
mkdirSync(folder, { recursive: true })
const output = join(folder, 'chandler-host.exe')
try {
  execFileSync(windowsCompiler, windowsHostArguments(windowsHostSource, output), { stdio: 'inherit' })
  console.log(output)
} catch (error) {
  const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT'
  console.error(isMissing ? `${windowsCompiler} is missing: apt install gcc-mingw-w64-x86-64-win32` : String(error))
  process.exitCode = 1
}
