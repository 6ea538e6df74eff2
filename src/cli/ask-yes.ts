import { once } from 'node:events'
import { createInterface } from 'node:readline/promises'
import type { CliContext } from './context.ts'

/**
 * Asks for confirmation on a terminal. Any answer except yes means no, also the end of the input
 * and Ctrl-C.
 */
export async function askYes({ stdin, err }: Pick<CliContext, 'stdin' | 'err'>, prompt: string): Promise<boolean> {
  const lines = createInterface({ input: stdin, output: err.stream })
  const closed = once(lines, 'close').then(() => '')
  lines.on('SIGINT', () => lines.close())
  try {
    const answer = await Promise.race([lines.question(`${prompt} [y/N] `), closed])
    return /^y(es)?$/i.test(answer.trim())
  } finally {
    lines.close()
  }
}
