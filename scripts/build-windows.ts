// Makes node.exe and chandler-host.exe in dist/agent/windows-x86_64: `npm run build:windows`. A server hands out agents for
// Windows with them (CHANDLER_AGENT_EXECUTABLES=dist/agent; docs/windows.md).
//   --output DIR           instead of dist/agent
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { projectDirectory } from './release/compile-program.ts'
import { makeWindowsPrograms } from './release/windows-programs.ts'

const { values } = parseArgs({
  options: { output: { type: 'string', default: join(projectDirectory, 'dist/agent') } },
})
try {
  makeWindowsPrograms(resolve(values.output))
  console.log(join(resolve(values.output), 'windows-x86_64'))
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 1
}
