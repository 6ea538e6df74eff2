import { z } from 'zod'
import { chandlerError } from '../../../core/error/errors.ts'
import { type BatchPause, batchPauses } from '../../../core/execution/rate-control.ts'
import type { RateControlInput } from '../../../core/execution/resolve-rate-control.ts'

const amount = z.union([z.int().min(0), z.string().regex(/^\d{1,9}(\.\d{1,2})?%?$/)])
const amounts = z.array(amount).min(1).max(1_000)

/** Reference §5.2 with its older form, where a list as Concurrency is a list of batches. */
const rateControlSchema = z.strictObject({
  Mode: z.enum(['Concurrency', 'Batch']).optional(),
  MaxErrors: amount.default(0),
  Concurrency: z.union([amount, amounts]).default(1),
  Batch: amounts.optional(),
  ConcurrencyInBatches: z.union([amount, amounts]).optional(),
  BatchPauseOption: z.enum(batchPauses).default('Automatic'),
})

/**
 * @param loopMode takes precedence over the pause in the rate control @throws
 * RequestParameterInvalid
 */
export function readRateControl(given: unknown, loopMode: BatchPause | undefined): RateControlInput {
  const parsed = rateControlSchema.safeParse(given)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const place = issue?.path.length ? `${issue.path.join('.')}: ` : ''
    throw refuse(`${place}${issue?.message}`)
  }
  const { Mode, MaxErrors, Concurrency, Batch, ConcurrencyInBatches, BatchPauseOption } = parsed.data
  const batches = Batch ?? (Array.isArray(Concurrency) ? Concurrency : undefined)
  if (Mode === 'Batch' && batches === undefined) throw refuse('Mode is Batch, and there is no Batch')
  if (batches === undefined || (Mode === 'Concurrency' && !Array.isArray(Concurrency))) {
    return { mode: 'Concurrency', maxErrors: MaxErrors, concurrency: Concurrency as number | string }
  }
  return {
    mode: 'Batch',
    maxErrors: MaxErrors,
    batches,
    batchPause: loopMode ?? BatchPauseOption,
    concurrencyInBatches: findSmallest(ConcurrencyInBatches),
  }
}

/**
 * Chandler has one concurrency for all batches: the smallest of several never exceeds any of them.
 */
function findSmallest(given: number | string | readonly (number | string)[] | undefined) {
  if (given === undefined || typeof given === 'number' || typeof given === 'string') return given
  const counts = given.filter((one) => !String(one).endsWith('%'))
  if (counts.length > 0 && counts.length < given.length)
    throw refuse(
      'ConcurrencyInBatches mixes counts and percentages, which cannot be compared before the targets are known',
    )
  return given.toSorted((a, b) => Number.parseFloat(String(a)) - Number.parseFloat(String(b)))[0]
}

const refuse = (reason: string) =>
  chandlerError('RequestParameterInvalid', { name: 'Parameters.rateControl', reason: `is not understood: ${reason}` })
