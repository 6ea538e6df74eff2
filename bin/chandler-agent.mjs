// Only run by bin/chandler-agent, with the Node.js beside it. What is compiled is kept: the next start takes neither the time
// nor the memory for it.
import { enableCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'

enableCompileCache(fileURLToPath(new URL('../compile-cache', import.meta.url)))
const { runProgram } = await import('../src/agent/program.ts')
process.exitCode = await runProgram(process.argv.slice(2))
