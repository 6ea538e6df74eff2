import { once } from 'node:events'
import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import type { CliContext } from './context.ts'
import { UsageError } from './usage-error.ts'

/**
 * Reads a line without echo. The line editor of Node.js handles arrows, deletions, and characters
 * that arrive in parts.
 * @throws UsageError on Ctrl-C and at the end of the input
 */
export async function askSecret({ stdin, err }: Pick<CliContext, 'stdin' | 'err'>, prompt: string): Promise<string> {
  err.write(prompt)
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: stdin, output: nowhere, terminal: true, historySize: 0 })
  const closed = once(lines, 'close').then(() => undefined)
  lines.on('SIGINT', () => lines.close())
  try {
    const secret = await Promise.race([lines.question(''), closed])
    if (secret === undefined) throw new UsageError('no secret was entered')
    return secret.trim()
  } finally {
    lines.close()
    err.line()
  }
}
