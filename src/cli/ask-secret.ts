import type { CliContext } from './context.ts'
import { UsageError } from './usage-error.ts'

/** Reads a line without showing it. */
export async function askSecret({ stdin, err }: CliContext, question: string): Promise<string> {
  err.write(question)
  stdin.setRawMode(true)
  try {
    let secret = ''
    for await (const chunk of stdin) {
      for (const letter of String(chunk)) {
        if (letter === '\r' || letter === '\n') return secret.trim()
        if (letter === '\u0003' || letter === '\u0004') throw new UsageError('it was given up')
        secret = letter === '\u007f' || letter === '\b' ? secret.slice(0, -1) : secret + letter
      }
    }
    return secret.trim()
  } finally {
    stdin.setRawMode(false)
    err.line()
  }
}
