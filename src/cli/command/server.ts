import type { Command } from 'commander'
import { exitCodes } from '../exit-code.ts'
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
      const { runServer } = await import('../../server/main.ts')
      context.exitCode = (await runServer(command.opts<Options>())) === 0 ? exitCodes.success : exitCodes.failed
    })
  const reset: Command = command
    .command('reset-admin')
    .description('make a new access key and password for the user admin; on the machine of a server that is stopped')
    .option('--data <dir>', 'folder of the database and keys of the server')
    .action(async () => {
      const { resetAdmin } = await import('../../server/reset-admin.ts')
      // Commander gives an option that both commands have to the first of them.
      const data = reset.opts<Options>().data ?? command.opts<Options>().data
      for (const line of await resetAdmin(data === undefined ? {} : { data })) context.out.line(line)
    })
}
