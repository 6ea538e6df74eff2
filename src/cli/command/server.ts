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
}
