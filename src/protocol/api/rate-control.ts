import { z } from 'zod'
import { batchPauses } from '../../core/execution/rate-control.ts'

/** `10`, or `"10%"`. */
const amountSchema = z.union([
  z.int().min(0),
  z.string().regex(/^\d{1,9}(\.\d{1,2})?%?$/, 'must be a number or a percentage such as "10%"'),
])

/** Rate control of a request. */
export const rateControlInputSchema = z
  .strictObject({
    mode: z.enum(['Concurrency', 'Batch']).default('Concurrency'),
    concurrency: amountSchema.optional(),
    batches: z.array(amountSchema).min(1).max(1_000).optional(),
    concurrencyInBatches: amountSchema.optional(),
    maxErrors: amountSchema.optional(),
    batchPause: z.enum(batchPauses).default('Automatic'),
  })
  .meta({ id: 'RateControl' })

/** Rate control as requested, for retries and copies of the execution. */
export const requestedRateControlSchema = z.object({
  mode: z.enum(['Concurrency', 'Batch']),
  concurrency: amountSchema.optional(),
  batches: z.array(amountSchema).optional(),
  concurrencyInBatches: amountSchema.optional(),
  maxErrors: amountSchema,
  batchPause: z.enum(batchPauses),
})
