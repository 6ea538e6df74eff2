import { type Command, Option } from 'commander'
import type { Client } from '../../client/client.ts'
import type { ServerConnectionOptions } from '../connection.ts'
import { type CliContext, connect } from '../context.ts'
import type { ExitCode } from '../exit-code.ts'
import { formats, type OutputFormat, printAnswer } from '../output/format.ts'

/** Adds a command, or all commands of a noun, to the program. */
export type Register = (parent: Command, context: CliContext) => void

/** The options of every command that calls the server. */
export interface ApiCommandOptions extends ServerConnectionOptions {
  readonly output: OutputFormat
}

/** Context of a command that calls the server. */
export interface ApiRun<Options> {
  readonly client: Client
  readonly context: CliContext
  readonly options: Options & ApiCommandOptions
  /** Prints one answer in the requested format. */
  print(value: unknown, table: () => void): void
}

export const outputOption = () => new Option('-o, --output <format>', 'output format').choices(formats).default('table')

/**
 * A command that calls the server: `run` receives its arguments, and returns an exit code if that
 * is not 0.
 */
export function apiCommand<Options = object>(
  parent: Command,
  context: CliContext,
  usage: string,
  description: string,
  run: (run: ApiRun<Options>, ...args: never[]) => Promise<ExitCode | void>,
): Command {
  const command: Command = parent
    .command(usage)
    .description(description)
    .addOption(outputOption())
    .option('--server <url>', 'URL of the server (default: CHANDLER_SERVER, then the profile)')
    .option('--profile <name>', 'profile of `chandler login` (default: CHANDLER_PROFILE, then "default")')
    .action(async (...values: unknown[]) => {
      const options = command.opts<Options & ApiCommandOptions>()
      const client = await connect(context, options)
      const print = (value: unknown, table: () => void) => printAnswer(context.out, options.output, value, table)
      const args = values.slice(0, command.registeredArguments.length) as never[]
      context.exitCode = (await run({ client, context, options, print }, ...args)) ?? context.exitCode
    })
  return command
}
