import { type Command, Option } from 'commander'
import type { Client } from '../client/client.ts'
import { readActionOptions } from '../core/execution/operation.ts'
import type { BatchPause, ExecutionMode } from '../core/execution/rate-control.ts'
import { parseRateControl } from '../core/execution/resolve-rate-control.ts'
import { type OfflinePolicy, offlinePolicies } from '../core/execution/when-offline.ts'
import type { Action, ParameterValue } from '../core/extension/extension.ts'
import { type GateFailurePolicy, gateFailurePolicies } from '../core/gate/gate.ts'
import type { ExecutionRequest, PlanRequest } from '../protocol/api/executions.ts'
import type { OperationInput } from '../protocol/api/operations.ts'
import { readParameters } from './parameters.ts'
import { collect, parseCount, parseDurationOption, parseInstantOption, parseTag } from './parse-option.ts'
import { readSelector } from './selector.ts'
import { UsageError } from './usage-error.ts'

/** Options that `plan` and the three actions share. */
export interface PlanOptions extends TargetOptions {
  readonly version?: string
  readonly param?: readonly string[]
  readonly resetParams?: boolean
  readonly reinstall?: boolean
  readonly allowRemovals?: boolean
  readonly autoremove?: boolean
  readonly allowReboot?: boolean
  readonly rebootTimeout?: number
}

/** Options of every command that starts an execution: targets and rate control. */
export interface TargetOptions extends RateOptions {
  readonly targets: string
}

/** Options of every command that starts an execution, whatever its targets are. */
export interface RateOptions extends RateControlOptions {
  readonly strict?: boolean
  readonly skipOffline?: boolean
  readonly whenOffline?: OfflinePolicy
}

/** How many instances change at once, and how many may fail. */
export interface RateControlOptions {
  readonly concurrency?: string
  readonly batch?: string
  readonly pause?: keyof typeof pauses
  readonly maxErrors?: string
  readonly gate?: readonly string[]
  readonly onGateFailure?: GateFailurePolicy
}

export interface ControlCommandOptions {
  readonly mode?: keyof typeof modes
  readonly clientToken?: string
  readonly description?: string
  readonly tag?: readonly string[]
  readonly deliveryTimeout?: number
  readonly at?: string
  readonly window?: string
  readonly ignoreFreezes?: boolean
  readonly confirmTargets?: boolean
  readonly signatures?: number
  readonly signaturesValid?: number
  readonly detach?: boolean
  readonly yes?: boolean
}

export interface StartCommandOptions extends PlanOptions, ControlCommandOptions {
  readonly ifPlan?: string
}

const pauses = { none: 'Automatic', first: 'FirstBatchPause', every: 'EveryBatchPause' } as const satisfies Record<
  string,
  BatchPause
>
const modes = { automatic: 'Automatic', 'failure-pause': 'FailurePause', debug: 'Debug' } as const satisfies Record<
  string,
  ExecutionMode
>

/** `--autoremove` exists for uninstall only. */
export const addPlanOptions = (command: Command, action: Action): Command => {
  const added = addTargetOptions(command)
    .option(
      '--version <version>',
      'vN, latest or a channel such as stable (default: the latest that is not deprecated)',
    )
    .option(
      '--param <k=v>',
      'parameter value; k=@FILE reads it from a file; with several extensions NAME:k=v (repeatable)',
      collect,
    )
    .option('--reset-params', 'use declared values and the defaults of the version instead of the installed values')
    .option('--reinstall', 'install again even if the same version, configuration and parameters are installed')
    .option('--allow-removals', allowRemovalsText)
    .option('--allow-reboot', allowRebootText)
    .option('--reboot-timeout <time>', rebootTimeoutText, parseDurationOption)
  return action === 'uninstall' ? added.option('--autoremove', autoremoveText) : added
}

export const allowRebootText = 'reboot an instance when a script requests it'
export const rebootTimeoutText = 'time within which a rebooted instance must return (default: 10m)'

/** @throws UsageError */
export function makeRebootOptions({ allowReboot, rebootTimeout }: Pick<PlanOptions, 'allowReboot' | 'rebootTimeout'>) {
  if (!allowReboot && rebootTimeout !== undefined)
    throw new UsageError('--reboot-timeout requires --allow-reboot', 'Add --allow-reboot.')
  return {
    ...(allowReboot && { reboot: 'allowed' as const }),
    ...(rebootTimeout !== undefined && { rebootTimeoutMs: rebootTimeout }),
  }
}

export const allowRemovalsText = 'allow OS packages to remove conflicting or dependent packages'
export const autoremoveText = 'also remove OS packages that were installed automatically and become unneeded'

const addTargetOptions = (command: Command): Command =>
  addRateOptions(
    command.requiredOption(
      '--targets <selector>',
      'all, id:…, name:…, tag:k=v[,k2=v2], group:NAME, resource-group:NAME, filter:CONDITIONS or file:ids.csv',
    ),
  )

export const addRateOptions = (command: Command): Command =>
  addRateControlOptions(command)
    .option('--strict', 'end as Failed if any target is left out, fails or does not start')
    .option('--skip-offline', 'leave out offline instances instead of waiting for them')
    .addOption(
      new Option(
        '--when-offline <policy>',
        'wait: offline instances get their work when they return (within --delivery-timeout, default 7d); skip: leave them out; fail: fail their tasks (default: wait 10m)',
      ).choices(offlinePolicies),
    )

export const addRateControlOptions = (command: Command): Command =>
  command
    .option('--concurrency <amount>', 'number of instances at once: 5 or 10%; with --batch, within a batch')
    .option(
      '--batch <amounts>',
      'sizes of consecutive batches, such as 1,10%,50%; the last size repeats; group:NAME is a batch of this group',
    )
    .addOption(
      new Option('--pause <when>', 'pause after batches until `execution resume`').choices(Object.keys(pauses)),
    )
    .option('--max-errors <amount>', 'accepted failures: 0, 3 or 2%; with more, nothing new starts')
    .option(
      '--gate <gate>',
      'condition for the next batch: soak:10m, http:URL, "prometheus:URL?query=QUERY < 0.01" or approval:2 (repeatable)',
      collect,
    )
    .addOption(
      new Option('--on-gate-failure <action>', 'when a gate fails (default: pause)').choices(gateFailurePolicies),
    )

export const addStartOptions = (command: Command, action: Action): Command =>
  addControlOptions(addPlanOptions(command, action)).option(
    '--if-plan <digest>',
    'start only if the plan still has this digest (`chandler plan … -o json`)',
  )

/** For operations without an extension. */
export const addRunOptions = (command: Command): Command => addControlOptions(addTargetOptions(command))

export const addControlOptions = (command: Command): Command =>
  command
    .addOption(
      new Option(
        '--mode <mode>',
        'failure-pause: pause after a failure until retry, skip or cancel; debug: start tasks only with `execution run-task`',
      ).choices(Object.keys(modes)),
    )
    .option('--client-token <text>', 'idempotency token: repeated requests with this token start one execution')
    .option('--description <text>', 'description (free text)')
    .option('--tag <k=v>', 'tag of the execution (repeatable)', collect)
    .option(
      '--delivery-timeout <time>',
      'how long to wait for an offline instance (default: 10m; 7d with --when-offline wait)',
      parseDurationOption,
    )
    .option('--at <time>', 'start no task before, such as 2026-12-01T22:00+08:00', parseInstantOption)
    .option('--window <window>', 'start tasks only in this window, such as "Mon-Fri 01:00-05:00 Asia/Shanghai"')
    .option('--ignore-freezes', 'start tasks although a freeze is in effect (needs chandler:OverrideFreeze)')
    .option('--confirm-targets', 'start although the group of the targets suddenly matches every instance')
    .option('--signatures <n>', 'start nothing until N approvers have signed the plan', parseCount)
    .option(
      '--signatures-valid <time>',
      'how long signatures of approvers are valid (default: 24h)',
      parseDurationOption,
    )
    .option('--detach', 'return without waiting for the end')
    .option('-y, --yes', 'skip the confirmation on a terminal')

/** One extension, or several in order; each may be `NAME@vN`. */
export async function makePlanRequest(
  client: Client,
  action: Action,
  names: readonly string[],
  options: PlanOptions,
): Promise<PlanRequest> {
  const requested = readRequestedExtensions(names, options)
  const place = await readPlace(options)
  const extensions: OperationPartInput[] = []
  for (const { extension, version, pairs } of requested) {
    const parameters = await readParameters(client, extension, version, pairs)
    extensions.push({
      extension,
      ...(version !== undefined && { version }),
      parameters,
      ...(options.resetParams && { resetParameters: true }),
    })
  }
  const [only, second] = extensions
  const { reinstall, allowRemovals, autoremove } = options
  const asked = readActionOptions({ reinstall, allowRemovals, autoremove, ...makeRebootOptions(options) })
  return only && !second
    ? { action, ...only, ...asked, ...place }
    : { operation: { kind: 'extensions', action, extensions, ...asked }, ...place }
}

interface OperationPartInput {
  readonly extension: string
  readonly version?: string
  readonly parameters: Record<string, ParameterValue>
  readonly resetParameters?: boolean
}

/** @throws UsageError */
function readRequestedExtensions(names: readonly string[], { version, param = [] }: PlanOptions) {
  const requested = names.map((name) => {
    const [, extension = name, own] = /^([^@]+)@([^@]+)$/.exec(name) ?? []
    return { extension, version: own ?? version }
  })
  const [only, second] = requested
  if (only && !second) return [{ ...only, pairs: param }]
  if (version !== undefined)
    throw new UsageError(
      '--version applies to one extension only',
      'Append the version to each name, such as demo@v2 or demo@stable.',
    )
  const unknown = param.find((pair) => requested.every(({ extension }) => !pair.startsWith(`${extension}:`)))
  if (unknown !== undefined) throw new UsageError(`"${unknown}" does not name its extension`, 'Use --param NAME:k=v.')
  return requested.map(({ extension, version: own }) => {
    const prefix = `${extension}:`
    const pairs = param.filter((pair) => pair.startsWith(prefix)).map((pair) => pair.slice(prefix.length))
    return { extension, version: own, pairs }
  })
}

async function readPlace(options: TargetOptions) {
  const rate = readRate(options)
  const { targets } = await readSelector(options.targets)
  return { targets, ...rate }
}

/** @throws UsageError */
export function readRate(options: RateOptions) {
  const { strict, skipOffline, whenOffline } = options
  return {
    rateControl: makeRateControl(options),
    ...(strict && { strict }),
    ...(skipOffline && { skipOffline }),
    ...(whenOffline && { whenOffline }),
  }
}

export const makeExecutionRequest = async (
  client: Client,
  action: Action,
  names: readonly string[],
  options: StartCommandOptions,
): Promise<ExecutionRequest> => ({
  ...(await makePlanRequest(client, action, names, options)),
  ...readControls(options),
})

/** For operations without an extension. */
export const makeRunRequest = async (
  operation: OperationInput,
  options: TargetOptions & ControlCommandOptions,
): Promise<ExecutionRequest> => ({ operation, ...(await readPlace(options)), ...readControls(options) })

export function readControls({
  mode,
  clientToken,
  description,
  deliveryTimeout,
  tag,
  at,
  window,
  ignoreFreezes,
  confirmTargets,
  signatures,
  signaturesValid,
}: ControlCommandOptions) {
  return {
    ...(confirmTargets && { confirmTargets }),
    ...(at !== undefined && { startAt: at }),
    ...(window !== undefined && { window }),
    ...(ignoreFreezes && { ignoreFreezes }),
    ...((signatures ?? signaturesValid) !== undefined && {
      approval: {
        ...(signatures !== undefined && { signatures }),
        ...(signaturesValid !== undefined && { validForMs: signaturesValid }),
      },
    }),
    ...(mode && { mode: modes[mode] }),
    ...(clientToken !== undefined && { clientToken }),
    ...(description !== undefined && { description }),
    ...(tag && { tags: Object.fromEntries(tag.map(parseTag)) }),
    ...(deliveryTimeout !== undefined && { deliveryTimeoutMs: deliveryTimeout }),
  }
}

/** @throws UsageError */
export function makeRateControl(options: RateControlOptions) {
  const { concurrency, batch, pause, maxErrors, gate, onGateFailure } = options
  if (pause !== undefined && pause !== 'none' && batch === undefined) {
    throw new UsageError(`--pause ${pause} requires --batch`, 'Add --batch, such as --batch 1,10%,50%.')
  }
  if (gate !== undefined && batch === undefined)
    throw new UsageError('--gate requires --batch', 'Add --batch, such as --batch 1,10%,50%.')
  const inFlight = concurrency?.trim()
  const common = {
    ...(maxErrors !== undefined && { maxErrors }),
    ...(pause && { batchPause: pauses[pause] }),
    ...(gate && { gates: [...gate] }),
    ...(onGateFailure && { onGateFailure }),
  }
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
    const isAmount = parsed.problems.some(({ field }) => field !== 'gates' && field !== 'onGateFailure')
    throw new UsageError(
      problems.join('; '),
      isAmount
        ? 'Use a number such as 5 or a percentage such as 10%; in --batch also group:NAME.'
        : 'See docs/rollout.md for the forms of gates.',
    )
  }
  return rateControl
}

const optionOf: Readonly<Record<string, string>> = {
  concurrency: '--concurrency',
  concurrencyInBatches: '--concurrency',
  batches: '--batch',
  maxErrors: '--max-errors',
  batchPause: '--pause',
  gates: '--gate',
  onGateFailure: '--on-gate-failure',
}
