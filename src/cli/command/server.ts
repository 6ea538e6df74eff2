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
    .description('run a server, until it is told to end')
    .option('--data <dir>', 'folder of its database, artifacts and keys')
    .option('--listen <host:port>', 'where it listens; port 0 takes any free one')
    .action(async () => {
      const { runServer } = await import('../../server/boot/main.ts')
      context.exitCode = (await runServer(command.opts<Options>())) === 0 ? exitCodes.success : exitCodes.failed
    })
  const reset: Command = command
    .command('reset-admin')
    .description('make a new access key and password for the user admin; on the machine of a server that is stopped')
    .option('--data <dir>', 'folder of the database and keys of the server')
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
    .description('remove ended executions, output and audit log entries that are older than they are kept')
    .option('--data <dir>', 'folder of the database of a server that is stopped (not with DATABASE_URL)')
    .option('--executions <time>', 'how long executions are kept after their end, such as 30d, or forever')
    .option('--output <time>', 'how long their output is kept')
    .option('--audit-log <time>', 'how long entries of the audit log are kept')
    .option('--dry-run', 'only count what would be removed')
    .addOption(new Option('-o, --format <format>', 'how the answer is printed').choices(formats).default('table'))
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
          [flags.dryRun ? 'would remove' : 'removed', undefined],
          ['executions', executions],
          ['outputs of executions', outputs],
          ['audit log entries', auditEntries],
        ]),
      )
      if (!stop.signal.aborted) return
      context.err.line('Interrupted: run it again to remove the rest.')
      context.exitCode = exitCodes.failed
    })
}
