// The tests of upgrades of agents, with the executable instead of Node.js.
import { useCompiledAgent } from './compiled-agent.ts'

useCompiledAgent()
await import('../programs/agent-upgrade.test.ts')
