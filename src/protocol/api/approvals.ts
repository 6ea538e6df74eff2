import { z } from 'zod'

/** POST /executions/{id}/approve and …/reject. */
export const approvalInputSchema = z
  .strictObject({ comment: z.string().max(1_024).default('') })
  .meta({ id: 'ApprovalRequest' })
export type ApprovalInput = z.input<typeof approvalInputSchema>
