import { OperatorError } from '../lib/operator-error.ts'

/** The arguments of the program are wrong. The message says which; the caller prints the usage and ends with 2. */
export class ArgumentError extends Error {
  override readonly name = 'ArgumentError'
}

/**
 * Prints why a program cannot do what it was started for, and returns its exit code: 2 for wrong
 * arguments, with the usage, 1 for a problem that an operator has to correct.
 * @throws the error, if it is neither
 */
export function reportProblem(error: unknown, usage: string): number {
  if (error instanceof ArgumentError) {
    process.stderr.write(`chandler-agent: ${error.message}\n\n${usage}\n`)
    return 2
  }
  if (!(error instanceof OperatorError)) throw error
  process.stderr.write(`chandler-agent: ${error.message}\n`)
  return 1
}
