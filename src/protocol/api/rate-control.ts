import { z } from 'zod'
import { batchPauses } from '../../core/execution/rate-control.ts'
import { gateFailurePolicies } from '../../core/gate/gate.ts'
import { maxGates } from '../../core/limits.ts'

/** `10`, or `"10%"`. */
const amountSchema = z.union([
  z.int().min(0),
  z.string().regex(/^\d{1,9}(\.\d{1,2})?%?$/, 'must be a number or a percentage such as "10%"'),
])

/** Of a batch: `10`, `"10%"`, or `"group:canary"`. */
const batchSizeSchema = z.union([
  amountSchema,
  z.string().regex(/^group:[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'must name a group, such as "group:canary"'),
])

/** Rate control of a request. */
export const rateControlInputSchema = z
  .strictObject({
    mode: z.enum(['Concurrency', 'Batch']).default('Concurrency'),
    concurrency: amountSchema.optional(),
    batches: z
      .array(batchSizeSchema)
      .min(1)
      .max(1_000)
      .optional()
      .describe(
        'Sizes of consecutive batches; the last one repeats. `group:NAME` is a batch of the targets in this group: other batches get none of them.',
      ),
    concurrencyInBatches: amountSchema.optional(),
    maxErrors: amountSchema.optional(),
    batchPause: z.enum(batchPauses).default('Automatic'),
    /** What must hold before the next batch opens, in order: `soak:10m`, `http:URL`, `prometheus:URL?query=QUERY < 0.01`, `approval:2`. */
    gates: z.array(z.string().min(1).max(4_096)).max(maxGates).optional(),
    /** What the execution does when a gate has failed; absent: `pause`. */
    onGateFailure: z.enum(gateFailurePolicies).optional(),
  })
  .meta({ id: 'RateControl' })

/** Rate control as requested, for retries and copies of the execution. */
export const requestedRateControlSchema = z.object({
  mode: z.enum(['Concurrency', 'Batch']),
  concurrency: amountSchema.optional(),
  batches: z.array(batchSizeSchema).optional(),
  concurrencyInBatches: amountSchema.optional(),
  maxErrors: amountSchema,
  batchPause: z.enum(batchPauses),
  gates: z.array(z.string()).optional(),
  onGateFailure: z.enum(gateFailurePolicies).optional(),
})
