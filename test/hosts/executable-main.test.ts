// The tests of the program of the agent, with the executable instead of Node.js.
import { useCompiledAgent } from './compiled-agent.ts'

useCompiledAgent()
await import('../integration/agent/agent-main.test.ts')
