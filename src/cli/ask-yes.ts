import { createInterface } from 'node:readline/promises'
import type { CliContext } from './context.ts'

/** Asks on a terminal; anything but yes is a no. */
export async function askYes({ stdin, err }: CliContext, question: string): Promise<boolean> {
  const lines = createInterface({ input: stdin, output: err.stream })
  try {
    return /^y(es)?$/i.test((await lines.question(`${question} [y/N] `)).trim())
  } finally {
    lines.close()
  }
}
