import { Command, Option } from 'commander'
import type { Client } from '../../../client/client.ts'
import {
  type MissedPolicy,
  missedPolicies,
  type OverlapPolicy,
  overlapPolicies,
} from '../../../core/timing/decide-schedule.ts'
import type { ScheduleInput } from '../../../protocol/api/automation/schedules.ts'
import type { ExecutionRequest } from '../../../protocol/api/executions.ts'
import { showInstant } from '../../output/format.ts'
import { addStartOptions, makeExecutionRequest, type StartCommandOptions } from '../../start-options.ts'
import { UsageError } from '../../usage-error.ts'
import { apiCommand, type Register } from '../api-command.ts'

interface Options {
  readonly cron: string
  readonly timeZone: string
  readonly onMissed?: MissedPolicy
  readonly onOverlap?: OverlapPolicy
}

export const registerScheduleCreate: Register = (parent, context) => {
  apiCommand<Options>(
    parent,
    context,
    'create <name> <start...>',
    'start an install, update or uninstall at the times of a cron expression. Options of the schedule precede its name: chandler schedule create --cron "0 3 * * 1" --time-zone Asia/Shanghai nightly install demo --targets tag:env=prod',
    async ({ client, options, print }, name: string, start: readonly string[]) => {
      const { cron, timeZone, onMissed, onOverlap } = options
      const schedule = await client.schedules.create({
        name,
        cron,
        timeZone,
        ...(onMissed && { onMissed }),
        ...(onOverlap && { onOverlap }),
        request: await readStart(client, start),
      })
      print(schedule, () => {
        context.out.line(`${name}: ${schedule.operation} on ${schedule.targets}`)
        for (const time of schedule.upcoming) context.out.line(`  ${showInstant(time)}`)
      })
    },
  )
    .passThroughOptions()
    .requiredOption('--cron <expression>', 'minute, hour, day of month, month and day of week, such as "0 3 * * 1-5"')
    .option('--time-zone <name>', 'time zone of the expression, such as Asia/Shanghai', 'UTC')
    .addOption(
      new Option('--on-missed <policy>', 'what follows if no server ran at the time (default: skip)').choices(
        missedPolicies,
      ),
    )
    .addOption(
      new Option('--on-overlap <policy>', 'what follows if the last execution has not ended (default: skip)').choices(
        overlapPolicies,
      ),
    )
}

/** Reads `install demo --targets …` with the options of that command. */
async function readStart(client: Client, words: readonly string[]): Promise<ScheduleInput['request']> {
  const [action, ...args] = words
  if (action !== 'install' && action !== 'update' && action !== 'uninstall')
    throw new UsageError(`a schedule cannot start "${action}"`, 'Write install, update or uninstall after its name.')
  let request: Promise<ExecutionRequest> | undefined
  const command = new Command(action)
    .argument('<names...>')
    .exitOverride()
    .configureOutput({ writeErr: () => undefined })
    .action((names: string[], options: StartCommandOptions) => {
      request = makeExecutionRequest(client, action, names, options)
    })
  addStartOptions(command, action)
  await command.parseAsync(args, { from: 'user' })
  if (!request) throw new UsageError(`${action} was not read`)
  const { startAt, clientToken, ifPlan, ...recurring } = await request
  const own = [
    ['--at', startAt],
    ['--client-token', clientToken],
    ['--if-plan', ifPlan],
  ] as const
  for (const [option, value] of own)
    if (value !== undefined) throw new UsageError(`${option} is for one execution, and a schedule starts many`)
  return recurring
}
