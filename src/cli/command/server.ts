import { type Command, Option } from 'commander'
import { exitCodes } from '../exit-code.ts'
import { formats, type OutputFormat, printAnswer } from '../output/format.ts'
import { printFields } from '../output/table.ts'
import type { Register } from './api-command.ts'

interface Options {
  readonly data?: string
  readonly listen?: string
}

export const registerServer: Register = (parent, context) => {
  const command: Command = parent
    .command('server')
    .description('run a server in the foreground (stop it with Ctrl-C or SIGTERM)')
    .option('--data <dir>', 'data directory: database, artifacts and keys')
    .option('--listen <host:port>', 'address to listen on; port 0 selects a free port')
    .action(async () => {
      const { runServer } = await import('../../server/boot/main.ts')
      context.exitCode = (await runServer(command.opts<Options>())) === 0 ? exitCodes.success : exitCodes.failed
    })
  const reset: Command = command
    .command('reset-admin')
    .description('create a new access key and password for the user admin, on the machine of a stopped server')
    .option('--data <dir>', 'data directory of the server')
    .action(async () => {
      const { resetAdmin } = await import('../../server/boot/reset-admin.ts')
      // Commander assigns an option that both commands define to the parent.
      const data = reset.opts<Options>().data ?? command.opts<Options>().data
      for (const line of await resetAdmin(data === undefined ? {} : { data })) context.out.line(line)
    })
  registerPrune(command, context)
}

interface PruneFlags {
  readonly data?: string
  readonly executions?: string
  readonly output?: string
  readonly auditLog?: string
  readonly dryRun?: boolean
  readonly format: OutputFormat
}

const registerPrune: Register = (parent, context) => {
  const command: Command = parent
    .command('prune')
    .description('delete executions, output and audit log entries that are past their retention')
    .option('--data <dir>', 'data directory of a stopped server (not with DATABASE_URL)')
    .option('--executions <time>', 'retention of ended executions, such as 30d, or forever')
    .option('--output <time>', 'retention of output')
    .option('--audit-log <time>', 'retention of audit log entries')
    .option('--dry-run', 'count the entries without deleting them')
    .addOption(new Option('-o, --format <format>', 'output format').choices(formats).default('table'))
    .action(async () => {
      const { prune } = await import('../../server/boot/prune.ts')
      const { format, ...flags } = command.opts<PruneFlags>()
      const data = flags.data ?? parent.opts<Options>().data
      const stop = new AbortController()
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
      const { executions, outputs, auditEntries } = await prune(
        { ...flags, ...(data === undefined ? {} : { data }) },
        stop.signal,
      )
      const answer = { dryRun: flags.dryRun ?? false, executions, outputs, auditEntries }
      printAnswer(context.out, format, answer, () =>
        printFields(context.out, [
          [flags.dryRun ? 'would delete' : 'deleted', undefined],
          ['executions', executions],
          ['outputs of executions', outputs],
          ['audit log entries', auditEntries],
        ]),
      )
      if (!stop.signal.aborted) return
      context.err.line('Interrupted. Run the command again to delete the rest.')
      context.exitCode = exitCodes.failed
    })
}
