import { resolve } from 'node:path'
import { type Command, Option } from 'commander'
import { createProcessLogger } from '../../lib/logger.ts'
import { exitCodes } from '../exit-code.ts'
import { collect, parseTag } from '../parse-option.ts'
import type { Register } from './api-command.ts'

interface Options {
  readonly server: string
  readonly token?: string
  readonly tokenFile?: string
  readonly state: string
  readonly name?: string
  readonly tag?: readonly string[]
}

export const registerAgent: Register = (parent, context) => {
  const command: Command = parent
    .command('agent')
    .description('run the agent of this machine, until it is told to end')
    .requiredOption('--server <url>', 'address of the server')
    .addOption(new Option('--token <token>', 'join token; needed the first time').conflicts('tokenFile'))
    .option('--token-file <file>', 'a file that holds it: other users of this machine see the arguments of programs')
    .requiredOption('--state <dir>', 'folder of the agent’s own: its key, its journal, what it downloaded')
    .option('--name <name>', 'name of the instance (else the host name); said when it joins')
    .option('--tag <k=v>', 'a tag that it joins with, if the token allows the key; may be repeated', collect)
    .action(async () => {
      const { server, token, tokenFile, state, name, tag = [] } = command.opts<Options>()
      const { runAgent } = await import('../../agent/main.ts')
      const code = await runAgent({
        server,
        token,
        tokenFile: tokenFile === undefined ? undefined : resolve(tokenFile),
        stateDirectory: resolve(state),
        name,
        tags: Object.fromEntries(tag.map(parseTag)),
        log: createProcessLogger(context.settings.logLevel),
      })
      context.exitCode = code === 0 ? exitCodes.success : exitCodes.failed
    })
}
