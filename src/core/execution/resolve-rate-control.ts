import { chandlerError } from '../error/errors.ts'
import { parseGate, renderGate } from '../gate/parse-gate.ts'
import { groupNamePattern } from '../instance/group.ts'
import { defaultBatchConcurrency, defaultConcurrency, maxBatches, maxGates } from '../limits.ts'
import {
  type Amount,
  type BatchSize,
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
    batches: (given.batches ?? []).map((size) => readGroup(size) ?? read('batches', size)),
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
      ? { batches: batches.map(showBatchSize), concurrencyInBatches: showAmount(concurrencyInBatches) }
      : { concurrency: showAmount(concurrency) }),
  }
}

const groupPrefix = 'group:'

/** `group:NAME`; undefined for a size. */
const readGroup = (size: number | string) =>
  typeof size === 'string' && size.trim().startsWith(groupPrefix)
    ? { group: size.trim().slice(groupPrefix.length) }
    : undefined

const isGroup = (size: BatchSize): size is { readonly group: string } => typeof size === 'object' && 'group' in size

const showBatchSize = (size: BatchSize) => (isGroup(size) ? `${groupPrefix}${size.group}` : showAmount(size))

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
    batches.forEach((size, index) => {
      if (!isGroup(size)) check('batches', size, 1, `has the size ${renderAmount(size)} at place ${index + 1}: it `)
    })
  const fault = findGroupFault(batches)
  if (fault !== undefined) problems.push({ field: 'batches', reason: fault })
  return problems
}

function findGroupFault(batches: readonly BatchSize[]): string | undefined {
  const groups = listBatchGroups(batches)
  const [twice] = groups.filter((name, index) => groups.indexOf(name) !== index)
  const odd = groups.find((name) => !groupNamePattern.test(name))
  if (odd !== undefined) return `has "${groupPrefix}${odd}", which names no group`
  if (twice !== undefined) return `has ${groupPrefix}${twice} twice`
  const last = batches.at(-1)
  return last !== undefined && isGroup(last)
    ? `ends with ${groupPrefix}${last.group}; append a size for the other instances, such as 50%`
    : undefined
}

/** The groups among batches, in order. */
export const listBatchGroups = (batches: readonly BatchSize[]): readonly string[] =>
  batches.flatMap((size) => (isGroup(size) ? [size.group] : []))

/**
 * Resolves rate control for a number of tasks that have work (design §6): percentages of sizes and
 * concurrency round up, to at least 1; those of maxErrors round down. The last batch size repeats
 * until every task has a batch; the last batch gets the remainder. Concurrency mode has one batch
 * of all. A batch of a group has the tasks of its instances; the other batches get none of them. A
 * group without a task has no batch.
 * @param groupSizes number of tasks of each group among the batches; a task of several groups
 * belongs to the first one
 * @throws RateControlInvalid for rate control that `validateRateControl` refuses, and for more than
 * 1,000 batches
 */
export function resolveRateControl(
  rateControl: RateControl,
  taskCount: number,
  groupSizes: ReadonlyMap<string, number> = new Map(),
): ResolvedRateControl {
  const problems = validateRateControl(rateControl)
  const [problem] = problems
  if (problem) throw chandlerError('RateControlInvalid', problem, { problems })
  const isBatch = rateControl.mode === 'Batch'
  const concurrency = isBatch ? rateControl.concurrencyInBatches : rateControl.concurrency
  const batches = isBatch ? cutBatches(rateControl.batches, taskCount, groupSizes) : [{ size: taskCount }]
  const filled = batches.filter(({ size }) => size > 0)
  const groups = filled.flatMap(({ group }, index) => (group === undefined ? [] : [[index + 1, group] as const]))
  return {
    batchSizes: filled.map(({ size }) => size),
    ...(groups.length > 0 ? { batchGroups: Object.fromEntries(groups) } : {}),
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

function cutBatches(
  batches: readonly BatchSize[],
  taskCount: number,
  groupSizes: ReadonlyMap<string, number>,
): { readonly size: number; readonly group?: string }[] {
  const cut: { readonly size: number; readonly group?: string }[] = []
  let left = taskCount - listBatchGroups(batches).reduce((sum, name) => sum + (groupSizes.get(name) ?? 0), 0)
  for (let index = 0; index < batches.length || left > 0; index += 1) {
    const batch = batches[Math.min(index, batches.length - 1)] ?? taskCount
    if (isGroup(batch)) {
      cut.push({ size: groupSizes.get(batch.group) ?? 0, group: batch.group })
      continue
    }
    if (cut.length === maxBatches) {
      const reason = `make more than ${maxBatches} batches of ${taskCount} targets; end with a larger size`
      throw chandlerError(
        'RateControlInvalid',
        { field: 'batches', reason },
        { problems: [{ field: 'batches', reason }] },
      )
    }
    const size = Math.min(sizeOf(batch, taskCount), left)
    cut.push({ size })
    left -= size
  }
  return cut
}

/**
 * The order in which tasks fill batches: the indexes of the tasks, batch after batch.
 * @param groupOf the first group among the batches that each task belongs to
 */
export function fillBatches(
  { batchSizes, batchGroups = {} }: Pick<ResolvedRateControl, 'batchSizes' | 'batchGroups'>,
  groupOf: readonly (string | undefined)[],
): number[] {
  const waiting = Map.groupBy(groupOf.keys(), (index) => groupOf[index])
  return batchSizes.flatMap((size, index) => waiting.get(batchGroups[index + 1])?.splice(0, size) ?? [])
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
