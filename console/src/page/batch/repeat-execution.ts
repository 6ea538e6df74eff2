import type { ExecutionView } from '../../../../src/protocol/api/executions.ts'
import { type BatchOperation, batchOperation } from '../../app/operation/operation-kinds.ts'
import { type BatchOption, type BatchPageState, batchOptions, maxChosen, type UnsharedInput } from './batch-state.ts'
import { renderMinutes } from './operation/minutes.ts'

export type Repeated =
  | {
      readonly state: Partial<BatchPageState>
      readonly unshared: Partial<UnsharedInput>
      /** Names of secrets that were set and must be entered again. */
      readonly secrets: readonly string[]
    }
  /** Operations that this page does not support: commands, OS packages, several extensions. */
  | { readonly problem: 'other-kind' }

/** Prefills the form from an earlier execution; without secrets, which the server never returns. */
export function repeatExecution({
  operation: repeated,
  targets,
  parameters,
  rateControl,
  batches,
  mode,
  strict,
  skipOffline,
  description,
}: Pick<
  ExecutionView,
  'operation' | 'targets' | 'parameters' | 'rateControl' | 'batches' | 'mode' | 'strict' | 'skipOffline' | 'description'
>): Repeated {
  const operation = batchOperation(repeated)
  if (!operation) return { problem: 'other-kind' }
  const chosen: Readonly<Partial<Record<BatchOption, unknown>>> = { ...operation, strict, skipOffline }
  const [values] = parameters ?? []
  const given = (values?.given ?? []).map((name) => [name, String(values?.values[name] ?? secretMark)] as const)
  const list = listOf(targets)
  return {
    state: {
      ...fieldsOf(operation),
      parameters: Object.fromEntries(given.filter(([, text]) => text !== secretMark)),
      values: values?.reset ? ('reset' as const) : ('keep' as const),
      instances: [],
      tags: [],
      group: '',
      savedGroup: '',
      filter: '',
      options: batchOptions.filter((option) => chosen[option]),
      ...(list === undefined ? placeOf(targets) : { by: 'list' }),
      ...rateOf(rateControl, batches),
      mode,
    },
    unshared: { secrets: {}, list: list ?? '', description },
    secrets: given.filter(([, text]) => text === secretMark).map(([name]) => name),
  }
}

function fieldsOf(operation: BatchOperation): Partial<BatchPageState> {
  if (operation.action === 'upgradeAgents')
    return {
      action: operation.action,
      extension: '',
      version: '',
      rebootMinutes: '',
      connectMinutes: renderMinutes(operation.connectTimeoutMs),
    }
  const { action, extension, version, rebootTimeoutMs } = operation
  return {
    action,
    extension,
    version: action === 'uninstall' ? '' : (version ?? ''),
    rebootMinutes: renderMinutes(rebootTimeoutMs),
    connectMinutes: '',
  }
}

/** Mask that the server returns for secrets. */
const secretMark = '******'

/**
 * Rate control as requested, with percentages: they resolve differently for other targets. Older
 * executions store only numbers.
 */
function rateOf(rateControl: ExecutionView['rateControl'], batches: ExecutionView['batches']): Partial<BatchPageState> {
  const { requested } = rateControl
  const errors = String(requested?.maxErrors ?? rateControl.maxErrors)
  if (rateControl.mode === 'Batch' && (requested?.batches ?? batches).length > 0)
    return {
      control: 'Batch',
      batches: requested?.batches?.join(', ') ?? renderSizes(batches.map(({ size }) => size)),
      batchConcurrency: String(requested?.concurrencyInBatches ?? rateControl.concurrency),
      pause: rateControl.batchPause,
      gates: (rateControl.gates ?? []).join('\n'),
      gateFailure: rateControl.onGateFailure ?? 'pause',
      errors,
    }
  return { control: rateControl.mode, concurrency: String(requested?.concurrency ?? rateControl.concurrency), errors }
}

function placeOf(targets: ExecutionView['targets']): Partial<BatchPageState> {
  switch (targets.kind) {
    case 'ids':
      return { by: 'pick', instances: targets.ids }
    case 'tags':
      return { by: 'tags', tags: Object.entries(targets.tags).map(([key, value]) => ({ key, value })) }
    case 'group':
      return { by: 'group', group: targets.group }
    case 'savedGroup':
      return { by: 'savedGroup', savedGroup: targets.name }
    case 'filter':
      return { by: 'filter', filter: targets.filter }
    case 'names':
    case 'all':
      return { by: 'all' }
  }
}

/**
 * Names and lists that exceed the address, quoted and with a header, because names may contain
 * anything.
 */
function listOf(targets: ExecutionView['targets']): string | undefined {
  if (targets.kind === 'names')
    return ['name', ...targets.names.map((name) => `"${name.replaceAll('"', '""')}"`)].join('\n')
  return targets.kind === 'ids' && targets.ids.length > maxChosen ? targets.ids.join('\n') : undefined
}

/** `1, 4` for 1, 4, 4, 2: the last size repeats, and the last batch holds the rest. */
function renderSizes(sizes: readonly number[]): string {
  const kept = [...sizes]
  const last = kept.at(-1) ?? 0
  if (kept.length > 1 && last < (kept.at(-2) ?? 0)) kept.pop()
  while (kept.length > 1 && kept.at(-1) === kept.at(-2)) kept.pop()
  return kept.join(', ')
}
