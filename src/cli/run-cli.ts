import { readFileSync } from 'node:fs'
import { reportError } from './command/error-report.ts'
import type { CliContext } from './context.ts'
import type { ExitCode } from './exit-code.ts'
import { createProgram } from './program.ts'

/** Runs one command line (without the program's name) and returns its exit code. Never rejects. */
export async function runCli(context: CliContext, args: readonly string[]): Promise<ExitCode> {
  try {
    await createProgram(context, readVersion()).parseAsync(args, { from: 'user' })
    return context.exitCode
  } catch (error) {
    return reportError(context.err, error)
  }
}

const readVersion = () =>
  (JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }).version
