import { CommanderError } from 'commander'
import { ClientError, UnreachableError } from '../../client/client-error.ts'
import { OperatorError } from '../../lib/operator-error.ts'
import { type ExitCode, exitCodes } from '../exit-code.ts'
import { printable } from '../output/printable.ts'
import type { Sink } from '../output/sink.ts'
import { UsageError } from '../usage-error.ts'

/** Prints the problem and the fix, and returns the exit code. */
export function reportError(err: Sink, error: unknown): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.success : exitCodes.usage
  const say = (message: string) => err.line(`${err.style('red', 'error:')} ${message}`)
  const sayNext = (next: string | undefined) => next && err.line(printable(next))

  if (error instanceof ClientError) {
    say(`${printable(error.message)} (${error.code})`)
    for (const { path, message } of error.problems) err.line(`  ${printable(`${path || '(all)'}: ${message}`)}`)
    sayNext(error.next)
    if (error instanceof UnreachableError) return exitCodes.unreachable
    return refusesInput(error) ? exitCodes.usage : exitCodes.failed
  }
  if (error instanceof UsageError) {
    say(error.message)
    sayNext(error.next)
    return exitCodes.usage
  }
  if (error instanceof OperatorError) {
    say(error.message)
    return exitCodes.failed
  }
  // The rest are bugs or failures of the machine: a system call names its cause, other errors need
  // a stack.
  const { code } = error as NodeJS.ErrnoException
  say(error instanceof Error ? (code ? error.message : (error.stack ?? error.message)) : String(error))
  return exitCodes.failed
}

/**
 * Users may name instances: the CLI detects an unknown name before the request, the server detects
 * an unknown id.
 */
const unknownNames: ReadonlySet<string> = new Set(['InstanceNotFound', 'TaskNotFound', 'ResourceGroupNotFound'])

/** The request itself was invalid, so the server did nothing. */
const refusesInput = ({ status, code }: ClientError) =>
  status === 400 || status === 413 || status === 422 || unknownNames.has(code)
