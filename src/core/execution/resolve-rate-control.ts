import { chandlerError } from '../error/errors.ts'
import { parseGate, renderGate } from '../gate/parse-gate.ts'
import { defaultBatchConcurrency, defaultConcurrency, maxBatches, maxGates } from '../limits.ts'
import {
  type Amount,
  batchPauses,
  type FrozenRateControl,
  type RateControl,
  type ResolvedRateControl,
} from './rate-control.ts'

/**
 * Ten at a time, and stop at the first failure (design §6): an execution without explicit rate
 * control must not break a whole fleet.
 */
export const defaultRateControl: RateControl = {
  mode: 'Concurrency',
  concurrency: defaultConcurrency,
  batches: [],
  concurrencyInBatches: defaultBatchConcurrency,
  maxErrors: 0,
  batchPause: 'Automatic',
}

/** One problem of rate control, with its field. */
export interface RateControlProblem {
  readonly field: keyof RateControl
  /** To follow the field's name. */
  readonly reason: string
}

/**
 * Rate control as the API and the CLI receive it: amounts may be text, and absent fields have
 * defaults.
 */
export type RateControlInput = {
  readonly [Field in 'concurrency' | 'concurrencyInBatches' | 'maxErrors']?: number | string | undefined
} & {
  readonly mode?: RateControl['mode'] | undefined
  readonly batches?: readonly (number | string)[] | undefined
  readonly batchPause?: RateControl['batchPause'] | undefined
  /** As `parseGate` reads them. */
  readonly gates?: readonly string[] | undefined
  readonly onGateFailure?: RateControl['onGateFailure'] | undefined
}

/** Complete rate control in the form of a request. */
export type RestatedRateControl = RateControlInput &
  Pick<RateControl, 'mode' | 'batchPause'> & { readonly maxErrors: number | string }

/** Rate control with defaults, or all its problems by field. */
export function parseRateControl(
  given: RateControlInput,
): { readonly rateControl: RateControl } | { readonly problems: readonly RateControlProblem[] } {
  const problems: RateControlProblem[] = []
  const read = (field: keyof RateControl, amount: number | string): Amount => {
    const parsed = typeof amount === 'number' ? amount : parseAmount(amount)
    if (parsed === undefined)
      problems.push({ field, reason: `is ${JSON.stringify(amount)}, neither a count nor a percentage such as 10%` })
    return parsed ?? 1
  }
  const readOr = (field: 'concurrency' | 'concurrencyInBatches' | 'maxErrors') => {
    const amount = given[field]
    return amount === undefined ? defaultRateControl[field] : read(field, amount)
  }
  const gates = (given.gates ?? []).flatMap((text) => {
    const parsed = parseGate(text)
    if ('gate' in parsed) return [parsed.gate]
    problems.push({ field: 'gates', reason: `has "${text}", which ${parsed.problem}` })
    return []
  })
  const rateControl: RateControl = {
    mode: given.mode ?? defaultRateControl.mode,
    concurrency: readOr('concurrency'),
    batches: (given.batches ?? []).map((size) => read('batches', size)),
    concurrencyInBatches: readOr('concurrencyInBatches'),
    maxErrors: readOr('maxErrors'),
    batchPause: given.batchPause ?? defaultRateControl.batchPause,
    ...(gates.length > 0 ? { gates } : {}),
    ...(given.onGateFailure === undefined ? {} : { onGateFailure: given.onGateFailure }),
  }
  problems.push(...validateRateControl(rateControl))
  return problems.length > 0 ? { problems } : { rateControl }
}

/**
 * The requested rate control, for repeating the request. One that was frozen without it is restated
 * in absolute numbers.
 */
export function restateRateControl({ requested, ...frozen }: FrozenRateControl): RestatedRateControl {
  if (requested === undefined) {
    const { mode, batchPause, maxErrors, concurrency, batchSizes } = frozen
    return mode === 'Batch'
      ? { mode, batchPause, maxErrors, batches: batchSizes, concurrencyInBatches: concurrency }
      : { mode, batchPause, maxErrors, concurrency }
  }
  const {
    mode,
    batchPause,
    batches,
    concurrency,
    concurrencyInBatches,
    maxErrors,
    gates = [],
    onGateFailure,
  } = requested
  return {
    mode,
    batchPause,
    ...(gates.length > 0 ? { gates: gates.map(renderGate) } : {}),
    ...(onGateFailure === undefined ? {} : { onGateFailure }),
    maxErrors: showAmount(maxErrors),
    ...(mode === 'Batch'
      ? { batches: batches.map(showAmount), concurrencyInBatches: showAmount(concurrencyInBatches) }
      : { concurrency: showAmount(concurrency) }),
  }
}

const showAmount = (amount: Amount) => (typeof amount === 'number' ? amount : renderAmount(amount))

/**
 * Parses an amount: `5`, or `10%` with at most two decimals; undefined if it is neither.
 * `validateRateControl` checks its range.
 */
export function parseAmount(text: string): Amount | undefined {
  const match = /^([0-9]{1,9}(?:\.[0-9]{1,2})?)(%?)$/.exec(text.trim())
  if (!match) return undefined
  const number = Number(match[1])
  if (match[2] === '%') return { percent: number }
  return Number.isInteger(number) ? number : undefined
}

/** `5` or `10%`, as `parseAmount` parses it. */
export const renderAmount = (amount: Amount) => (typeof amount === 'number' ? String(amount) : `${amount.percent}%`)

/**
 * The problems of rate control, whatever the number of tasks (design §6, §11). Sizes and
 * concurrency are at least 1 or above 0 %, errors may be 0; a percentage is at most 100 with at
 * most two decimals; Batch mode has 1 to 1,000 batches.
 */
export function validateRateControl(rateControl: RateControl): RateControlProblem[] {
  const { mode, concurrency, batches, concurrencyInBatches, maxErrors, batchPause } = rateControl
  const { gates = [], onGateFailure } = rateControl
  const problems: RateControlProblem[] = []
  const check = (field: keyof RateControl, amount: Amount, least: number, prefix = '') => {
    const reason = findAmountFault(amount, least)
    if (reason !== undefined) problems.push({ field, reason: `${prefix}${reason}` })
  }
  if (mode !== 'Concurrency' && mode !== 'Batch')
    problems.push({ field: 'mode', reason: 'is neither Concurrency nor Batch' })
  if (!batchPauses.includes(batchPause))
    problems.push({ field: 'batchPause', reason: `is none of ${batchPauses.join(', ')}` })
  else if (mode === 'Concurrency' && batchPause !== 'Automatic')
    problems.push({ field: 'batchPause', reason: `is ${batchPause}, which needs batches` })
  if (mode === 'Concurrency' && gates.length > 0)
    problems.push({ field: 'gates', reason: 'need batches, because they are between two' })
  if (gates.length > maxGates)
    problems.push({ field: 'gates', reason: `has ${gates.length} gates; ${maxGates} are allowed` })
  if (onGateFailure !== undefined && gates.length === 0)
    problems.push({ field: 'onGateFailure', reason: `is ${onGateFailure}, and there are no gates` })
  check('concurrency', concurrency, 1)
  check('concurrencyInBatches', concurrencyInBatches, 1)
  check('maxErrors', maxErrors, 0)
  if (mode === 'Batch' && batches.length === 0)
    problems.push({ field: 'batches', reason: 'is empty; name at least one batch size' })
  if (batches.length > maxBatches)
    problems.push({ field: 'batches', reason: `has ${batches.length} sizes; ${maxBatches} are allowed` })
  else
    batches.forEach((size, index) =>
      check('batches', size, 1, `has the size ${renderAmount(size)} at place ${index + 1}: it `),
    )
  return problems
}

/**
 * Resolves rate control for a number of tasks that have work (design §6): percentages of sizes and
 * concurrency round up, to at least 1; those of maxErrors round down. The last batch size repeats
 * until every task has a batch; the last batch gets the remainder. Concurrency mode has one batch
 * of all.
 * @throws RateControlInvalid for rate control that `validateRateControl` refuses, and for more than
 * 1,000 batches
 */
export function resolveRateControl(rateControl: RateControl, taskCount: number): ResolvedRateControl {
  const problems = validateRateControl(rateControl)
  const [problem] = problems
  if (problem) throw chandlerError('RateControlInvalid', problem, { problems })
  const isBatch = rateControl.mode === 'Batch'
  const concurrency = isBatch ? rateControl.concurrencyInBatches : rateControl.concurrency
  return {
    batchSizes: isBatch ? cutBatches(rateControl.batches, taskCount) : taskCount > 0 ? [taskCount] : [],
    concurrency: sizeOf(concurrency, taskCount),
    maxErrors:
      typeof rateControl.maxErrors === 'number'
        ? rateControl.maxErrors
        : Math.floor(shareOf(rateControl.maxErrors.percent, taskCount)),
    batchPause: rateControl.batchPause,
    ...(rateControl.gates ? { gates: rateControl.gates } : {}),
    ...(rateControl.onGateFailure ? { onGateFailure: rateControl.onGateFailure } : {}),
  }
}

/**
 * In Debug mode tasks run one by one, as an operator starts them (reference: loops in Debug mode):
 * there are neither batches nor pauses.
 */
export const resolveDebugRateControl = (taskCount: number, maxErrors: number): ResolvedRateControl => ({
  batchSizes: taskCount > 0 ? [taskCount] : [],
  concurrency: 1,
  maxErrors,
  batchPause: 'Automatic',
})

function cutBatches(batches: readonly Amount[], taskCount: number): number[] {
  const sizes: number[] = []
  for (let left = taskCount; left > 0; left -= sizes.at(-1) ?? left) {
    const size = sizeOf(batches[Math.min(sizes.length, batches.length - 1)] ?? taskCount, taskCount)
    if (sizes.length === maxBatches) {
      const reason = `make more than ${maxBatches} batches of ${taskCount} targets; end with a larger size`
      throw chandlerError(
        'RateControlInvalid',
        { field: 'batches', reason },
        { problems: [{ field: 'batches', reason }] },
      )
    }
    sizes.push(Math.min(size, left))
  }
  return sizes
}

const sizeOf = (amount: Amount, taskCount: number) =>
  typeof amount === 'number' ? amount : Math.max(1, Math.ceil(shareOf(amount.percent, taskCount)))

/**
 * Computes with hundredths of a percent as integers: 1.1 % of 1,000 is 11 and not
 * 11.000000000000002, which would round up to 12.
 */
const shareOf = (percent: number, taskCount: number) => (Math.round(percent * 100) * taskCount) / 10_000

function findAmountFault(amount: Amount, least: number): string | undefined {
  if (typeof amount === 'number') {
    if (!Number.isSafeInteger(amount)) return 'is not a whole number'
    return amount < least ? `is ${amount}; at least ${least} is needed` : undefined
  }
  const { percent } = amount
  if (!Number.isFinite(percent)) return 'is not a percentage'
  if (percent > 100) return `is ${percent}%, which is more than 100%`
  if (percent < 0 || (percent === 0 && least > 0)) return `is ${percent}%; more than 0% is needed`
  return Math.abs(percent * 100 - Math.round(percent * 100)) > 1e-9
    ? `is ${percent}%; at most two decimals are possible`
    : undefined
}
