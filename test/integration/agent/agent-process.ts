// Runs one agent in its own process, as the CLI does: agent-process.ts '{"server": …}'. With `memory` it starts again once.
import { runAgent } from '../../../src/agent/main.ts'
import { startAgain } from '../../../src/agent/platform/start-again.ts'
import { createLogger } from '../../../src/lib/logger.ts'
import { OperatorError } from '../../../src/lib/operator-error.ts'

const log = createLogger({
  level: 'debug',
  format: 'text',
  write: (line) => process.stderr.write(line),
  now: Date.now,
})

try {
  const { memory, ...options } = JSON.parse(process.argv[2] ?? '')
  const isSecond = process.env['AGENT_STARTED_AGAIN'] !== undefined
  let isOutgrown = false
  const watched = memory && !isSecond && { memory: { ...memory, onOutgrown: () => (isOutgrown = true) } }
  process.exitCode = await runAgent({ tags: {}, ...options, ...watched, log })
  process.env['AGENT_STARTED_AGAIN'] = 'yes'
  if (isOutgrown) startAgain()
} catch (error) {
  if (!(error instanceof OperatorError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}
