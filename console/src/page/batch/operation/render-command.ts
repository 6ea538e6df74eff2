import { batchPauses, type executionModes } from '../../../../../src/core/execution/rate-control.ts'
import type { ParameterDeclarations, ParameterValue } from '../../../../../src/core/extension/extension.ts'
import { renderSelector, type Targets } from '../../../../../src/core/plan/targets.ts'
import type { ExecutionRequest } from '../../../../../src/protocol/api/executions.ts'

/** Some terminals truncate longer command lines; longer lists of instances go into a file. */
const maxSelectorLength = 400
export const targetsFileName = 'instances.csv'

export interface CommandLine {
  /** For a POSIX shell; several lines that can be pasted at once. */
  readonly text: string
  /** Content for `targetsFileName` if the command reads it. */
  readonly targetsFile?: string
  /** Secret parameters that the command reads from files of these names. */
  readonly secretFiles: readonly string[]
}

/** The equivalent `chandler` command; contains no secrets. */
export function renderCommand(request: ExecutionRequest, declarations: ParameterDeclarations): CommandLine {
  const { version, parameters = {}, targets } = request
  const secrets = Object.keys(parameters).filter((name) => isSecret(declarations, name))
  const selector = renderSelector(targets as Targets)
  const isLong = selector.length > maxSelectorLength
  const options: readonly (readonly [name: string, value?: string] | false)[] = [
    version !== undefined && ['--version', version],
    ...Object.entries(parameters).map(
      ([name, value]) => ['--param', `${name}=${secrets.includes(name) ? `@${fileOf(name)}` : textOf(value)}`] as const,
    ),
    request.resetParameters === true && ['--reset-params'],
    request.reinstall === true && ['--reinstall'],
    request.allowRemovals === true && ['--allow-removals'],
    request.autoremove === true && ['--autoremove'],
    request.reboot === 'allowed' && ['--allow-reboot'],
    ...optionsOfOperation(request),
    request.rebootTimeoutMs !== undefined && ['--reboot-timeout', `${request.rebootTimeoutMs / 1000}s`],
    ['--targets', isLong ? `file:${targetsFileName}` : selector],
    request.skipOffline === true && ['--skip-offline'],
    ...rateOptions(request.rateControl ?? {}),
    request.strict === true && ['--strict'],
    request.mode !== undefined && request.mode !== 'Automatic' && ['--mode', modes[request.mode]],
    request.description !== undefined && request.description !== '' && ['--description', request.description],
  ]
  const lines = options
    .filter((option) => option !== false)
    .map(([name, value]) => (value === undefined ? name : `${name} ${quote(value)}`))
  return {
    text: [`chandler ${nameCommand(request)}`, ...lines].join(' \\\n  '),
    secretFiles: secrets.map(fileOf),
    ...(isLong && { targetsFile: listOf(targets as Targets) }),
  }
}

/** Without `operation`, the request is an action on one extension. */
const nameCommand = ({ operation, action, extension = '' }: ExecutionRequest) =>
  operation === undefined ? `${action ?? ''} ${quote(extension)}` : 'agent upgrade'

type Operation = NonNullable<ExecutionRequest['operation']>
type OptionsOf<Kind extends Operation['kind']> = (
  operation: Extract<Operation, { kind: Kind }>,
) => readonly (readonly [string, string])[]
const none = () => []

/** The options of each kind of operation; the page starts upgrades of agents only. */
const operationOptions = {
  extension: none,
  command: none,
  osPackage: none,
  extensions: none,
  agentUpgrade: ({ connectTimeoutMs }) =>
    connectTimeoutMs === undefined ? [] : [['--connect-timeout', `${connectTimeoutMs / 1000}s`]],
} satisfies { readonly [Kind in Operation['kind']]: OptionsOf<Kind> }

const optionsOfOperation = ({ operation }: ExecutionRequest) =>
  operation === undefined ? [] : (operationOptions[operation.kind] as OptionsOf<Operation['kind']>)(operation)

function rateOptions(rate: NonNullable<ExecutionRequest['rateControl']>): (readonly [string, string] | false)[] {
  const isBatch = rate.mode === 'Batch'
  const atOnce = isBatch ? rate.concurrencyInBatches : rate.concurrency
  return [
    isBatch && ['--batch', (rate.batches ?? []).join(',')],
    atOnce !== undefined && ['--concurrency', String(atOnce)],
    isBatch &&
      rate.batchPause !== undefined &&
      rate.batchPause !== batchPauses[0] && ['--pause', pauses[rate.batchPause]],
    ...(rate.gates ?? []).map((gate) => ['--gate', gate] as const),
    rate.onGateFailure !== undefined && ['--on-gate-failure', rate.onGateFailure],
    rate.maxErrors !== undefined && ['--max-errors', String(rate.maxErrors)],
  ]
}

const modes = { Automatic: 'automatic', FailurePause: 'failure-pause', Debug: 'debug' } as const satisfies Record<
  (typeof executionModes)[number],
  string
>
const pauses = { Automatic: 'none', FirstBatchPause: 'first', EveryBatchPause: 'every' } as const satisfies Record<
  (typeof batchPauses)[number],
  string
>

const isSecret = (declarations: ParameterDeclarations, name: string) =>
  !Object.hasOwn(declarations, name) || declarations[name]?.noEcho === true
const fileOf = (name: string) => `${name}.txt`
/** The CLI would read a text that starts with `@` as a file name. */
const textOf = (value: ParameterValue) => String(value).replace(/^@/, '@@')

function listOf(targets: Targets): string {
  if (targets.kind === 'ids') return ['id', ...targets.ids, ''].join('\n')
  if (targets.kind === 'names')
    return ['name', ...targets.names.map((name) => `"${name.replaceAll('"', '""')}"`), ''].join('\n')
  return ''
}

/** Quoted as one word for a POSIX shell. */
const quote = (word: string) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)
