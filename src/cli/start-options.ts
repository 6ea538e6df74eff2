import { type Command, Option } from 'commander'
import type { Client } from '../client/client.ts'
import type { Action } from '../core/extension.ts'
import type { BatchPause, ExecutionMode } from '../core/rate-control.ts'
import { parseRateControl } from '../core/resolve-rate-control.ts'
import type { ExecutionRequest, PlanRequest } from '../protocol/api/executions.ts'
import { readParameters } from './parameters.ts'
import { collect, parseDurationOption, parseTag } from './parse-option.ts'
import { readSelector } from './selector.ts'
import { UsageError } from './usage-error.ts'

/** What `plan` and the three actions are told alike. */
export interface PlanOptions {
  readonly targets: string
  readonly version?: string
  readonly param?: readonly string[]
  readonly concurrency?: string
  readonly batch?: string
  readonly pause?: keyof typeof pauses
  readonly maxErrors?: string
}

export interface StartOptions extends PlanOptions {
  readonly mode?: keyof typeof modes
  readonly clientToken?: string
  readonly description?: string
  readonly tag?: readonly string[]
  readonly deliveryTimeout?: number
  readonly detach?: boolean
}

const pauses = { none: 'Automatic', first: 'FirstBatchPause', every: 'EveryBatchPause' } as const satisfies Record<
  string,
  BatchPause
>
const modes = { automatic: 'Automatic', 'failure-pause': 'FailurePause', debug: 'Debug' } as const satisfies Record<
  string,
  ExecutionMode
>

export const addPlanOptions = (command: Command): Command =>
  command
    .requiredOption('--targets <selector>', 'all, id:…, name:…, tag:k=v[,k2=v2], group:NAME or file:ids.csv')
    .option('--version <vN>', 'this version (else the latest that is not deprecated)')
    .option('--param <k=v>', 'a parameter; k=@FILE takes the value from a file; may be repeated', collect)
    .option('--concurrency <amount>', 'how many instances at once: 5 or 10%; with --batch, how many of the open batch')
    .option('--batch <amounts>', 'batches one after the other, such as 1,10%,50%; the last size repeats')
    .addOption(new Option('--pause <when>', 'wait for `execution resume` after batches').choices(Object.keys(pauses)))
    .option('--max-errors <amount>', 'failures that are accepted: 0, 3 or 2%; with more, nothing new starts')

export const addStartOptions = (command: Command): Command =>
  addPlanOptions(command)
    .addOption(
      new Option(
        '--mode <mode>',
        'failure-pause waits after a failure for retry, skip or cancel; debug starts nothing but by `execution run-task`',
      ).choices(Object.keys(modes)),
    )
    .option('--client-token <text>', 'the same token starts the same execution once, however often it is sent')
    .option('--description <text>', 'what it is for')
    .option('--tag <k=v>', 'a tag of the execution; may be repeated', collect)
    .option(
      '--delivery-timeout <time>',
      'how long an instance that is away is waited for (else 10m)',
      parseDurationOption,
    )
    .option('--detach', 'do not wait for its end')

export async function makePlanRequest(
  client: Client,
  action: Action,
  extension: string,
  options: PlanOptions,
): Promise<PlanRequest> {
  const rateControl = readRateControl(options)
  const { targets } = await readSelector(options.targets)
  const parameters = await readParameters(client, extension, options.version, options.param ?? [])
  return {
    action,
    extension,
    ...(options.version !== undefined && { version: options.version }),
    targets,
    parameters,
    rateControl,
  }
}

export async function makeExecutionRequest(
  client: Client,
  action: Action,
  extension: string,
  options: StartOptions,
): Promise<ExecutionRequest> {
  const { mode, clientToken, description, deliveryTimeout, tag } = options
  return {
    ...(await makePlanRequest(client, action, extension, options)),
    ...(mode && { mode: modes[mode] }),
    ...(clientToken !== undefined && { clientToken }),
    ...(description !== undefined && { description }),
    ...(tag && { tags: Object.fromEntries(tag.map(parseTag)) }),
    ...(deliveryTimeout !== undefined && { deliveryTimeoutMs: deliveryTimeout }),
  }
}

/** @throws UsageError */
function readRateControl(options: Pick<PlanOptions, 'concurrency' | 'batch' | 'pause' | 'maxErrors'>) {
  const { concurrency, batch, pause, maxErrors } = options
  if (pause !== undefined && pause !== 'none' && batch === undefined) {
    throw new UsageError(`--pause ${pause} needs batches to pause between`, 'Give --batch, such as --batch 1,10%,50%.')
  }
  const inFlight = concurrency?.trim()
  const common = { ...(maxErrors !== undefined && { maxErrors }), ...(pause && { batchPause: pauses[pause] }) }
  const rateControl =
    batch === undefined
      ? { mode: 'Concurrency' as const, ...common, ...(inFlight !== undefined && { concurrency: inFlight }) }
      : {
          mode: 'Batch' as const,
          batches: batch.split(',').map((amount) => amount.trim()),
          ...common,
          ...(inFlight !== undefined && { concurrencyInBatches: inFlight }),
        }
  const parsed = parseRateControl(rateControl)
  if ('problems' in parsed) {
    const problems = parsed.problems.map(({ field, reason }) => `${optionOf[field] ?? field} ${reason}`)
    throw new UsageError(problems.join('; '), 'Give a count such as 5 or a percentage such as 10%.')
  }
  return rateControl
}

const optionOf: Readonly<Record<string, string>> = {
  concurrency: '--concurrency',
  concurrencyInBatches: '--concurrency',
  batches: '--batch',
  maxErrors: '--max-errors',
  batchPause: '--pause',
}
