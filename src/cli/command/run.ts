import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { Option } from 'commander'
import type { OsFamily } from '../../core/instance/facts.ts'
import { maxScriptBytes } from '../../core/limits.ts'
import { confirmPlan } from '../confirm.ts'
import { exitCodes } from '../exit-code.ts'
import { checkScript } from '../extension/check-script.ts'
import { hasErrors, printLintProblem } from '../extension/lint-problem.ts'
import type { Sink } from '../output/sink.ts'
import { readTexts } from '../parameters.ts'
import { collect, parseDurationOption } from '../parse-option.ts'
import {
  addRunOptions,
  allowRebootText,
  type ControlCommandOptions,
  makeRebootOptions,
  makeRunRequest,
  type PlanOptions,
  rebootTimeoutText,
  type TargetOptions,
} from '../start-options.ts'
import { UsageError } from '../usage-error.ts'
import { apiCommand, type Register } from './api-command.ts'
import { waitFor } from './start.ts'

interface RunOptions extends TargetOptions, ControlCommandOptions, Pick<PlanOptions, 'allowReboot' | 'rebootTimeout'> {
  readonly script?: string
  readonly placeholders: boolean
  readonly type?: keyof typeof types
  readonly timeout?: number
  readonly workDir?: string
  readonly user?: string
  readonly param?: readonly string[]
  readonly secret?: readonly string[]
}

const types = { shell: 'RunShellScript', powershell: 'RunPowerShellScript', bat: 'RunBatScript' } as const

export const registerRun: Register = (parent, context) => {
  const command = apiCommand<RunOptions>(
    parent,
    context,
    'run [command...]',
    'run a command or a script on instances, in controlled batches',
    async (run, args: string[]) => {
      const { client, options } = run
      const { type = 'shell', timeout, workDir, user, param = [], secret = [] } = options
      const texts = await readTexts([...param, ...secret])
      const operation = {
        kind: 'command' as const,
        type: types[type],
        content: await readContent(args, options.script, type, context.err),
        parameters: Object.fromEntries(texts),
        noEcho: texts.slice(param.length).map(([name]) => name),
        ...(timeout !== undefined && { timeoutMs: timeout }),
        ...(workDir !== undefined && { workDir }),
        ...(user !== undefined && { runAs: user }),
        ...(!options.placeholders && { placeholders: false }),
        ...makeRebootOptions(options),
      }
      const request = await makeRunRequest(operation, options)
      const ifPlan = await confirmPlan(run, { what: 'run the command' }, request)
      if (ifPlan === 'refused') return exitCodes.failed
      const execution = await client.executions.start({ ...request, ...(ifPlan !== undefined && { ifPlan }) })
      return await waitFor(run, execution, options.detach ?? false, { withOutput: true })
    },
  )
  addRunOptions(command)
    .option('--script <file>', 'run the script in this file instead of a command; it may start with #!')
    .addOption(new Option('--type <type>', 'language of the script').choices(Object.keys(types)))
    .option('--timeout <time>', 'timeout on each instance (default: 1m)', parseDurationOption)
    .option('--work-dir <path>', 'working directory (default: a new directory)')
    .option('--user <name>', 'user that runs it (default: root)')
    .option(
      '--param <k=v>',
      'value for {{ k }} and $CHANDLER_PARAM_k; k=@FILE reads it from a file (repeatable)',
      collect,
    )
    .option('--allow-reboot', allowRebootText)
    .option('--reboot-timeout <time>', rebootTimeoutText, parseDurationOption)
    .option('--no-placeholders', 'do not replace {{ k }}')
    .option('--secret <k=v>', 'like --param, but stored encrypted and never shown (repeatable)', collect)
}

/**
 * A single argument is a script, as for `sh -c`; several arguments are the quoted words of a
 * command.
 */
async function readContent(
  args: readonly string[],
  script: string | undefined,
  type: keyof typeof types,
  err: Sink,
): Promise<string> {
  const [first, second] = args
  if (script !== undefined && first !== undefined)
    throw new UsageError('a command and a script cannot be combined', 'Use one of them.')
  if (script !== undefined) return readScript(script, type === 'shell' ? 'linux' : 'windows', err)
  if (first === undefined) throw new UsageError('the command is missing', 'Write it after --, or use --script.')
  return second === undefined ? first : args.map(quote).join(' ')
}

const quote = (word: string) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)

/**
 * A script passes the checks of an extension's scripts (`chandler extension lint`) before it
 * reaches an instance.
 */
async function readScript(path: string, os: OsFamily, err: Sink): Promise<string> {
  const { bytes, sizeBytes } = await readBeginning(path)
  const problems = checkScript(path, bytes, sizeBytes, os)
  for (const problem of problems) printLintProblem(err, problem)
  if (hasErrors(problems)) throw new UsageError(`${path} cannot be run`, 'Correct the errors above.')
  return new TextDecoder().decode(bytes)
}

/** The file, up to the size limit of a script. */
async function readBeginning(path: string): Promise<{ bytes: Uint8Array; sizeBytes: number }> {
  const pieces: Buffer[] = []
  let sizeBytes = 0
  try {
    // It may be a pipe, whose size is unknown.
    for await (const piece of createReadStream(path)) {
      pieces.push(piece as Buffer)
      sizeBytes += (piece as Buffer).length
      if (sizeBytes > maxScriptBytes) break
    }
    return { bytes: Buffer.concat(pieces), sizeBytes: Math.max(sizeBytes, (await stat(path)).size) }
  } catch (error) {
    throw new UsageError(`${path} cannot be read: ${(error as Error).message}`)
  }
}
