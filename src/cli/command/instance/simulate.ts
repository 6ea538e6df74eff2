import { randomInt } from 'node:crypto'
import { tmpdir } from 'node:os'
import { resolve } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { parseDuration } from '../../../lib/duration.ts'
import { createProcessLogger } from '../../../lib/logger.ts'
import { exitCodes } from '../../exit-code.ts'
import { collect, parseCaDigestOption, parseCount, parseTag } from '../../parse-option.ts'
import type { Register } from '../api-command.ts'

interface Options {
  readonly server: string
  readonly token: string
  readonly count: number
  readonly scripts: 'simulated' | 'real'
  readonly state: string
  readonly duration: { readonly min: number; readonly max: number }
  readonly failureRate: number
  readonly outputBytes: number
  readonly connectRate: number
  readonly seed: number
  readonly namePrefix: string
  readonly tag?: readonly string[]
  readonly caSha256?: string
  readonly ca?: string
  readonly insecureHttp?: true
}

export const registerInstanceSimulate: Register = (parent, context) => {
  const command: Command = parent
    .command('simulate')
    .description(
      'simulate many instances in one foreground process, with the real protocol (stop it with Ctrl-C or SIGTERM)',
    )
    .requiredOption('--server <url>', 'URL of the server')
    .requiredOption('--token <token>', 'join token with enough uses for all instances')
    .requiredOption('--count <n>', 'number of instances', parseCount)
    .addOption(
      new Option('--scripts <kind>', 'simulated: scripts only take time; real: scripts run on this machine')
        .choices(['simulated', 'real'])
        .default('simulated'),
    )
    .option('--state <dir>', 'parent directory for the state of real instances, removed at the end', tmpdir())
    .addOption(
      new Option('--duration <times>', 'duration of a script, such as 2s, or 1s-5s for a range')
        .argParser(parseDurations)
        .default({ min: 1000, max: 3000 }, '1s-3s'),
    )
    .option('--failure-rate <part>', 'share of scripts that fail: 0 to 1, or 2%', parsePart, 0)
    .option('--output-bytes <n>', 'output of each script in bytes', parseAnyCount, 200)
    .option('--connect-rate <n>', 'number of instances that connect per second', parseCount, 200)
    .option('--seed <n>', 'random seed; the same seed creates the same fleet', parseAnyCount, randomInt(1_000_000))
    .option('--name-prefix <text>', 'prefix of the names: PREFIX-1, PREFIX-2, …', 'sim')
    .option('--tag <k=v>', 'tag to set when they join (repeatable)', collect)
    .option('--ca-sha256 <digest>', 'SHA-256 of the CA of the server', parseCaDigestOption)
    .option('--ca <file>', 'file with the CAs that verify the server, in PEM')
    .option('--insecure-http', 'accept plain HTTP beyond loopback')
    .action(async () => {
      const { server, token, count, seed, namePrefix, connectRate, tag = [], ...behaviour } = command.opts<Options>()
      const { scripts, state, duration, failureRate, outputBytes, caSha256, ca, insecureHttp } = behaviour
      const { runSimulation } = await import('../../../agent/simulate/simulate.ts')
      const code = await runSimulation({
        server,
        token,
        count,
        seed,
        namePrefix,
        scripts:
          scripts === 'real'
            ? { kind: 'real', parentDirectory: resolve(state) }
            : { kind: 'simulated', durationMs: duration, failureRate, outputBytes },
        trust: { caSha256, caFile: ca === undefined ? undefined : resolve(ca), insecureHttp },
        connectRatePerSecond: connectRate,
        tags: Object.fromEntries(tag.map(parseTag)),
        print: context.out.line,
        log: createProcessLogger(context.settings.logLevel),
        ...(context.signal ? { signal: context.signal } : {}),
      })
      context.exitCode = code === 0 ? exitCodes.success : exitCodes.failed
    })
}

function parseDurations(text: string): Options['duration'] {
  const [min, max = min] = text.split('-').map(parseDuration)
  if (min === undefined || max === undefined || max < min || text.split('-').length > 2) {
    throw new InvalidArgumentError('Use a duration such as 500ms or 2s, or a range such as 1s-5s.')
  }
  return { min, max }
}

function parsePart(text: string): number {
  const [, number, percent] = /^(\d+(?:\.\d+)?)(%?)$/.exec(text) ?? []
  const part = Number(number) / (percent ? 100 : 1)
  if (!(part >= 0 && part <= 1)) throw new InvalidArgumentError('Use a share such as 0.02 or 2%.')
  return part
}

function parseAnyCount(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It must be a number.')
  return Number(text)
}
