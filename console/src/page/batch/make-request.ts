import type { RateControl } from '../../../../src/core/execution/rate-control.ts'
import { parseRateControl, type RateControlInput } from '../../../../src/core/execution/resolve-rate-control.ts'
import type { ParameterDeclarations } from '../../../../src/core/extension/extension.ts'
import type { PlanRequest, TargetsInput } from '../../../../src/protocol/api/executions.ts'
import { type BatchPageState, extensionActionOf, keepsValues, optionsOf, type UnsharedInput } from './batch-state.ts'
import { parseMinutes } from './operation/minutes.ts'
import { listDeclarations, type ReadParameters, readParameterTexts } from './operation/read-parameter-texts.ts'
import { type ReadTargets, readTargetForm } from './targets/read-targets.ts'

/** The validated input; `request` is set if there are no problems. */
export interface ReadBatch {
  readonly targets: ReadTargets
  readonly parameters: ReadParameters
  readonly takesParameters: boolean
  readonly rateControl: RateControl | undefined
  /** Problems by field (phrased to follow the field name). */
  readonly rateProblems: Readonly<Partial<Record<keyof RateControl, string>>>
  /** Time limit of a reboot, if reboots are allowed; undefined: the default; null: invalid. */
  readonly rebootTimeoutMs: number | undefined | null
  /** Of an upgrade of agents, likewise. */
  readonly connectTimeoutMs: number | undefined | null
  readonly request: PlanRequest | undefined
}

const splitAmounts = (text: string): string[] =>
  text
    .split(',')
    .map((amount) => amount.trim())
    .filter((amount) => amount !== '')

function makeGates({ gates, gateFailure }: BatchPageState): Pick<RateControlInput, 'gates' | 'onGateFailure'> {
  const lines = gates
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  return lines.length === 0 ? {} : { gates: lines, ...(gateFailure === 'pause' ? {} : { onGateFailure: gateFailure }) }
}

/** Rate control as sent: only the fields of its mode. */
const makeRateControl = (state: BatchPageState): RateControlInput =>
  state.control === 'Batch'
    ? {
        mode: 'Batch',
        batches: splitAmounts(state.batches),
        concurrencyInBatches: state.batchConcurrency.trim(),
        maxErrors: state.errors.trim(),
        batchPause: state.pause,
        ...makeGates(state),
      }
    : { mode: 'Concurrency', concurrency: state.concurrency.trim(), maxErrors: state.errors.trim() }

/**
 * `version` is the chosen or latest one; the request names it so that the confirmed version is the
 * one that runs.
 */
export function readBatch(
  state: BatchPageState,
  unshared: UnsharedInput,
  { version, declarations }: { readonly version: string | undefined; readonly declarations: ParameterDeclarations },
): ReadBatch {
  const { extension } = state
  const action = extensionActionOf(state)
  const targets = readTargetForm(state, unshared)
  // Uninstall removes the installed version: it has neither a version nor parameters.
  const takes = action === undefined || action === 'uninstall' ? {} : declarations
  const listed = action === undefined ? [] : listDeclarations(takes, action)
  const parameters =
    action === undefined
      ? { values: {}, problems: {} }
      : readParameterTexts(takes, action, pickTexts(takes, state, unshared), { keeps: keepsValues(state) })
  const input = makeRateControl(state)
  const parsed = parseRateControl(input)
  const problems = 'problems' in parsed ? parsed.problems : []
  const rebootTimeoutMs = optionsOf(state).includes('reboot') ? parseMinutes('reboot', state.rebootMinutes) : undefined
  const connectTimeoutMs = action === undefined ? parseMinutes('connect', state.connectMinutes) : undefined
  const takesVersion = action !== undefined && action !== 'uninstall'
  const hasVersion = !takesVersion || version !== undefined
  const isGood =
    (action === undefined || (extension !== '' && hasVersion)) &&
    'targets' in targets &&
    Object.keys(parameters.problems).length === 0 &&
    problems.length === 0 &&
    rebootTimeoutMs !== null &&
    connectTimeoutMs !== null
  return {
    targets,
    parameters,
    takesParameters: listed.length > 0,
    rateControl: 'rateControl' in parsed ? parsed.rateControl : undefined,
    // The first problem of a field: later ones often follow from it.
    rateProblems: Object.fromEntries(problems.toReversed().map(({ field, reason }) => [field, reason])),
    rebootTimeoutMs,
    connectTimeoutMs,
    request: isGood
      ? {
          ...(action === undefined
            ? { operation: { kind: 'agentUpgrade', ...(connectTimeoutMs !== undefined && { connectTimeoutMs }) } }
            : { action, extension }),
          ...(takesVersion && { version, parameters: parameters.values }),
          ...(takesVersion && state.values === 'reset' && { resetParameters: true }),
          ...Object.fromEntries(optionsOf(state).map((option) => [option, option === 'reboot' ? 'allowed' : true])),
          ...(rebootTimeoutMs !== undefined && { rebootTimeoutMs }),
          targets: targets.targets as TargetsInput,
          rateControl: input as PlanRequest['rateControl'],
        }
      : undefined,
  }
}

/**
 * Secrets count only if typed here: a secret in an address ends up in histories and logs, so the
 * console does not accept it.
 */
function pickTexts(declarations: ParameterDeclarations, { parameters }: BatchPageState, { secrets }: UnsharedInput) {
  const isSecret = (name: string) => declarations[name]?.noEcho === true
  return Object.fromEntries([
    ...Object.entries(parameters).filter(([name]) => !isSecret(name)),
    ...Object.entries(secrets).filter(([name]) => isSecret(name)),
  ])
}
