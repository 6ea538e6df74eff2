// Compiles the agent to executables in dist/agent: `npm run build:agent`. A server hands them out with
// CHANDLER_AGENT_EXECUTABLES=dist/agent (docs/install.md).
//   --platform linux-x64   only this platform (repeatable)
//   --output DIR           instead of dist/agent
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { compileAgent } from './release/compile-agent.ts'
import { projectDirectory } from './release/compile-program.ts'
import { type PlatformName, releasePlatforms } from './release/platforms.ts'

const { values } = parseArgs({
  options: {
    platform: { type: 'string', multiple: true, default: Object.keys(releasePlatforms) },
    output: { type: 'string', default: join(projectDirectory, 'dist/agent') },
  },
})
for (const name of values.platform) if (!(name in releasePlatforms)) throw new Error(`unknown platform ${name}`)
const obstacles = compileAgent(resolve(values.output), values.platform as PlatformName[])
for (const obstacle of obstacles) console.error(`warning: ${obstacle}`)
console.log(resolve(values.output))
