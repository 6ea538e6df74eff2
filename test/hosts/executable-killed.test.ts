// The tests of killed agents, with the executable instead of Node.js.
import { useCompiledAgent } from './compiled-agent.ts'

useCompiledAgent()
await import('../faults/agent-killed.test.ts')
