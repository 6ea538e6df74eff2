// Runs one agent in its own process, as the CLI does: agent-process.ts '{"server": …}'
import { runAgent } from '../../../src/agent/main.ts'
import { createLogger } from '../../../src/lib/logger.ts'
import { OperatorError } from '../../../src/lib/operator-error.ts'

const log = createLogger({
  level: 'debug',
  format: 'text',
  write: (line) => process.stderr.write(line),
  now: Date.now,
})

try {
  process.exitCode = await runAgent({ tags: {}, ...JSON.parse(process.argv[2] ?? ''), log })
} catch (error) {
  if (!(error instanceof OperatorError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}
