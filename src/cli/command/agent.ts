import { resolve } from 'node:path'
import { type Command, Option } from 'commander'
import { createProcessLogger } from '../../lib/logger.ts'
import { confirmPlan } from '../confirm.ts'
import { exitCodes } from '../exit-code.ts'
import { collect, parseCaDigestOption, parseDurationOption, parseTag } from '../parse-option.ts'
import { addRunOptions, type ControlCommandOptions, makeRunRequest, type TargetOptions } from '../start-options.ts'
import { UsageError } from '../usage-error.ts'
import { apiCommand, type Register } from './api-command.ts'
import { waitFor } from './start.ts'

interface Options {
  readonly server?: string
  readonly token?: string
  readonly tokenFile?: string
  readonly state?: string
  readonly name?: string
  readonly tag?: readonly string[]
  readonly caSha256?: string
  readonly ca?: string
  readonly insecureHttp?: true
}

export const registerAgent: Register = (parent, context) => {
  const command: Command = parent
    .command('agent')
    .description('run the agent in the foreground (stop it with Ctrl-C or SIGTERM), or manage agents with a subcommand')
    .option('--server <url>', 'URL of the server; required')
    .addOption(new Option('--token <token>', 'join token; required on the first start').conflicts('tokenFile'))
    .option('--token-file <file>', 'file with the join token; keeps it out of the process list')
    .option('--state <dir>', 'state directory of the agent: key, journal, downloads; required')
    .option('--name <name>', 'name of the instance, used when it joins (default: the host name)')
    .option('--tag <k=v>', 'tag to set when it joins, if the token allows the key (repeatable)', collect)
    .addOption(
      new Option('--ca-sha256 <digest>', 'SHA-256 of the CA of the server; checked and pinned in the state directory')
        .argParser(parseCaDigestOption)
        .conflicts('ca'),
    )
    .option('--ca <file>', 'file with the CAs that verify the server, in PEM (default: those of the system)')
    .option('--insecure-http', 'accept plain HTTP beyond loopback')
    .action(async () => {
      const { server, token, tokenFile, state, name, tag = [], caSha256, ca, insecureHttp } = command.opts<Options>()
      if (server === undefined || state === undefined) throw new UsageError('--server and --state are required')
      const { runAgent } = await import('../../agent/main.ts')
      const code = await runAgent({
        server,
        token,
        tokenFile: tokenFile === undefined ? undefined : resolve(tokenFile),
        stateDirectory: resolve(state),
        name,
        trust: {
          caSha256,
          caFile: ca === undefined ? undefined : resolve(ca),
          insecureHttp,
        },
        tags: Object.fromEntries(tag.map(parseTag)),
        log: createProcessLogger(context.settings.logLevel),
      })
      context.exitCode = code === 0 ? exitCodes.success : exitCodes.failed
    })
  registerUpgrade(command, context)
}

interface UpgradeOptions extends TargetOptions, ControlCommandOptions {
  readonly connectTimeout?: number
}

const registerUpgrade: Register = (parent, context) => {
  const command = apiCommand<UpgradeOptions>(
    parent,
    context,
    'upgrade',
    'upgrade agents to the version of the server; running scripts continue, and an agent that cannot connect returns to its earlier version',
    async (run) => {
      const { client, options } = run
      const { connectTimeout } = options
      const operation = {
        kind: 'agentUpgrade' as const,
        ...(connectTimeout !== undefined && { connectTimeoutMs: connectTimeout }),
      }
      const request = await makeRunRequest(operation, options)
      const ifPlan = await confirmPlan(run, { what: 'upgrade agents' }, request)
      if (ifPlan === 'refused') return exitCodes.failed
      const execution = await client.executions.start({ ...request, ...(ifPlan !== undefined && { ifPlan }) })
      return await waitFor(run, execution, options.detach ?? false)
    },
  )
  addRunOptions(command).option(
    '--connect-timeout <time>',
    'time for the new agent to connect before the instance returns to the earlier one (default: 2m)',
    parseDurationOption,
  )
}
