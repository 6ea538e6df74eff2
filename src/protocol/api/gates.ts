import { z } from 'zod'
import { maxNoteLength } from '../../core/limits.ts'
import { instantSchema } from './page.ts'

/** The gate between two batches that an execution is at. */
export const gateViewSchema = z
  .object({
    batch: z.int().describe('The batch that ended before it.'),
    gate: z.string(),
    index: z.int().describe('Its place among the gates, from 1.'),
    beganAt: instantSchema,
    outcome: z.enum(['passed', 'failed']).optional(),
    /** Decisions at an approval gate. */
    approvals: z.array(z.object({ user: z.string(), approves: z.boolean() })),
  })
  .meta({ id: 'ExecutionGate' })

/** A decision of a user at an approval gate. */
export const gateDecisionSchema = z
  .object({
    batch: z.int().describe('The batch that ended before the gate.'),
    user: z.string(),
    approves: z.boolean().describe('False: a rejection.'),
    comment: z.string().optional(),
    at: instantSchema,
  })
  .meta({ id: 'GateDecision' })

/** POST /executions/{id}/approve and …/reject. */
export const approvalInputSchema = z
  .strictObject({ comment: z.string().max(maxNoteLength).default('') })
  .meta({ id: 'ApprovalRequest' })
export type ApprovalInput = z.input<typeof approvalInputSchema>
