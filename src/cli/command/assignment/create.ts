import type { AssignmentInput, AssignmentView } from '../../../protocol/api/assignment/assignments.ts'
import { countWithNoun } from '../../output/printable.ts'
import type { Sink } from '../../output/sink.ts'
import { readParameters } from '../../parameters.ts'
import { collect } from '../../parse-option.ts'
import { addRateControlOptions, makeRateControl, type RateControlOptions } from '../../start-options.ts'
import { UsageError } from '../../usage-error.ts'
import { apiCommand, type Register } from '../api-command.ts'

interface Options extends RateControlOptions {
  readonly group: string
  readonly extension: string
  readonly version?: string
  readonly absent?: boolean
  readonly param?: readonly string[]
  readonly window?: string
  readonly priority?: string
  readonly repair?: boolean
  readonly description?: string
  readonly replace?: boolean
}

export const registerAssignmentCreate: Register = (parent, context) => {
  const command = apiCommand<Options>(
    parent,
    context,
    'create <name>',
    'declare what the instances of a group should have; the server starts the executions',
    async ({ client, options, print }, name: string) => {
      const { group, extension, description, window } = options
      const version = readVersion(options)
      const parameters =
        version === undefined ? {} : await readParameters(client, extension, version, options.param ?? [])
      const request: AssignmentInput = {
        name,
        group,
        extension,
        ...(version !== undefined && { version }),
        parameters,
        rateControl: makeRateControl(options),
        ...(window !== undefined && { window }),
        priority: readPriority(options.priority),
        ...(options.repair && { repair: true }),
        ...(description !== undefined && { description }),
      }
      const assignment = await (options.replace ? client.assignments.put(request) : client.assignments.create(request))
      print(assignment, () => {
        context.out.line(`${name}: ${showDesired(assignment)} on group ${group}`)
        printContradictions(context.out, assignment)
        context.out.line(`  to see the state: chandler assignment show ${name}`)
      })
    },
  )
    .requiredOption('--group <name>', 'group of instances (`chandler group list`)')
    .requiredOption('--extension <name>', 'extension')
    .option('--version <version>', 'vN, latest or a channel such as stable')
    .option('--absent', 'the instances must not have the extension')
    .option('--param <k=v>', 'parameter value; k=@FILE reads it from a file (repeatable)', collect)
  addRateControlOptions(command)
    .option('--window <window>', 'make changes only in this window, such as "Mon-Fri 01:00-05:00 Asia/Shanghai"')
    .option('--priority <number>', 'of two assignments that contradict each other, the higher one counts (default: 0)')
    .option('--repair', 'repair instances that have drifted, under the same limits and in the same window')
    .option('--description <text>', 'description (free text)')
    .option('--replace', 'replace the assignment if it exists')
}

function readVersion({ version, absent }: Options): string | undefined {
  if (absent && version !== undefined) throw new UsageError('--absent takes no --version', 'Remove one of them.')
  if (!absent && version === undefined)
    throw new UsageError('the version is missing', 'Add --version, such as --version stable, or --absent.')
  return version
}

function readPriority(text = '0'): number {
  if (!/^-?\d{1,4}$/.test(text)) throw new UsageError(`"${text}" is not a priority`, 'Use a number from -1000 to 1000.')
  return Number(text)
}

/** `demo stable (v7)`, or `demo absent`. */
export const showDesired = ({ extension, version, resolvedVersion }: AssignmentView) =>
  version === undefined
    ? `${extension} absent`
    : `${extension} ${version}${resolvedVersion === undefined || resolvedVersion === version ? '' : ` (${resolvedVersion})`}`

export function printContradictions(out: Sink, { name, contradictions }: AssignmentView): void {
  for (const { assignment, instances, isStronger } of contradictions)
    out.line(
      `contradicts ${assignment} on ${countWithNoun(instances, 'instance')}; there, ${isStronger ? assignment : name} counts`,
    )
}
