import type { RateControl } from '../../../../src/core/execution/rate-control.ts'
import { parseRateControl, type RateControlInput } from '../../../../src/core/execution/resolve-rate-control.ts'
import type { ParameterDeclarations } from '../../../../src/core/extension/extension.ts'
import type { PlanRequest, TargetsInput } from '../../../../src/protocol/api/executions.ts'
import { type BatchPageState, keepsValues, optionsOf, type UnsharedInput } from './batch-state.ts'
import { listDeclarations, type ReadParameters, readParameterTexts } from './operation/read-parameter-texts.ts'
import { type ReadTargets, readTargetForm } from './targets/read-targets.ts'

/** Everything that was said, read and checked; `request` is there if nothing is wrong. */
export interface ReadBatch {
  readonly targets: ReadTargets
  readonly parameters: ReadParameters
  readonly takesParameters: boolean
  readonly rateControl: RateControl | undefined
  /** By field: what is wrong (follows the field's name). */
  readonly rateProblems: Readonly<Partial<Record<keyof RateControl, string>>>
  readonly request: PlanRequest | undefined
}

const splitAmounts = (text: string): string[] =>
  text
    .split(',')
    .map((amount) => amount.trim())
    .filter((amount) => amount !== '')

/** Rate control as it is sent: only what its mode looks at. */
const makeRateControl = (state: BatchPageState): RateControlInput =>
  state.control === 'Batch'
    ? {
        mode: 'Batch',
        batches: splitAmounts(state.batches),
        concurrencyInBatches: state.batchConcurrency.trim(),
        maxErrors: state.errors.trim(),
        batchPause: state.pause,
      }
    : { mode: 'Concurrency', concurrency: state.concurrency.trim(), maxErrors: state.errors.trim() }

/** `version` is the one that was chosen, or that is the newest; it is in the request so that what is confirmed is what is done. */
export function readBatch(
  state: BatchPageState,
  unshared: UnsharedInput,
  { version, declarations }: { readonly version: string | undefined; readonly declarations: ParameterDeclarations },
): ReadBatch {
  const { action, extension } = state
  const targets = readTargetForm(state, unshared)
  // Uninstall removes the version that each instance has: it takes neither a version nor parameters.
  const takes = action === 'uninstall' ? {} : declarations
  const parameters = readParameterTexts(takes, action, pickTexts(takes, state, unshared), { keeps: keepsValues(state) })
  const input = makeRateControl(state)
  const parsed = parseRateControl(input)
  const problems = 'problems' in parsed ? parsed.problems : []
  const hasVersion = action === 'uninstall' || version !== undefined
  const isGood =
    extension !== '' &&
    hasVersion &&
    'targets' in targets &&
    Object.keys(parameters.problems).length === 0 &&
    problems.length === 0
  return {
    targets,
    parameters,
    takesParameters: listDeclarations(takes, action).length > 0,
    rateControl: 'rateControl' in parsed ? parsed.rateControl : undefined,
    // The first of a field: the others often follow from it.
    rateProblems: Object.fromEntries(problems.toReversed().map(({ field, reason }) => [field, reason])),
    request: isGood
      ? {
          action,
          extension,
          ...(action !== 'uninstall' && { version, parameters: parameters.values }),
          ...(action !== 'uninstall' && state.values === 'reset' && { resetParameters: true }),
          ...Object.fromEntries(optionsOf(state).map((option) => [option, true])),
          targets: targets.targets as TargetsInput,
          rateControl: input as PlanRequest['rateControl'],
        }
      : undefined,
  }
}

/** A secret counts only if it was typed here: one that stands in an address is in histories and logs, and nobody should rely on it. */
function pickTexts(declarations: ParameterDeclarations, { parameters }: BatchPageState, { secrets }: UnsharedInput) {
  const isSecret = (name: string) => declarations[name]?.noEcho === true
  return Object.fromEntries([
    ...Object.entries(parameters).filter(([name]) => !isSecret(name)),
    ...Object.entries(secrets).filter(([name]) => isSecret(name)),
  ])
}
