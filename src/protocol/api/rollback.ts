import { z } from 'zod'
import { executionModes } from '../../core/execution/rate-control.ts'
import { maxDeliveryTimeoutMs, maxNoteLength } from '../../core/limits.ts'
import { rebootOptionsShape } from './operations.ts'
import { rateControlInputSchema } from './rate-control.ts'

/** POST /executions/{id}/rollback/plan: the plan of a rollback. */
export const rollbackPlanInputSchema = z
  .strictObject({
    rateControl: rateControlInputSchema.prefault({}),
    mode: z.enum(executionModes).optional(),
    /** Left-out targets make the result Failed, too, and so do accepted failures. */
    strict: z.boolean().optional(),
    /** Leave out instances that are offline at planning time instead of waiting for them. */
    skipOffline: z.boolean().optional(),
    ...rebootOptionsShape,
  })
  .meta({ id: 'RollbackPlanRequest' })
export type RollbackPlanInput = z.input<typeof rollbackPlanInputSchema>

/** POST /executions/{id}/rollback: returns the changed instances to their previous states. */
export const rollbackInputSchema = rollbackPlanInputSchema
  .extend({
    clientToken: z.string().min(1).max(64).optional(),
    /** Digest of the rollback's plan: if the current plan differs, the answer is 409 PlanChanged. */
    ifPlan: z.string().length(64).optional(),
    description: z.string().max(maxNoteLength).optional(),
    deliveryTimeoutMs: z.int().min(1_000).max(maxDeliveryTimeoutMs).optional(),
  })
  .meta({ id: 'RollbackRequest' })
export type RollbackInput = z.input<typeof rollbackInputSchema>
