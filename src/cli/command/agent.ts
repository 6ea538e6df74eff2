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
    .description('run the agent in the foreground (stop it with Ctrl-C or SIGTERM)')
    .requiredOption('--server <url>', 'URL of the server')
    .addOption(new Option('--token <token>', 'join token; required on the first start').conflicts('tokenFile'))
    .option('--token-file <file>', 'file with the join token; keeps it out of the process list')
    .requiredOption('--state <dir>', 'state directory of the agent: key, journal, downloads')
    .option('--name <name>', 'name of the instance, used when it joins (default: the host name)')
    .option('--tag <k=v>', 'tag to set when it joins, if the token allows the key (repeatable)', collect)
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
