import { z } from 'zod'
import { maxPlanValidityMs, maxSignaturesPerSubject } from '../../../core/limits.ts'
import { sha256Schema } from '../../configuration.ts'
import { instantSchema } from '../page.ts'
import { signatureViewSchema } from '../trust.ts'

/** Part of a start request: approvers have to sign the plan. */
export const approvalTermsSchema = z
  .strictObject({
    /** Number of different keys; at least as many as the published trust file says. */
    signatures: z.int().min(1).max(maxSignaturesPerSubject).optional(),
    /** From the start of the execution; 24 hours if absent. */
    validForMs: z.int().min(60_000).max(maxPlanValidityMs).optional(),
  })
  .meta({ id: 'ApprovalTerms' })

/** The signatures that an execution waits for. */
export const approvalViewSchema = z
  .object({
    threshold: z.int(),
    signed: z.int(),
    /** Nothing starts afterwards. */
    expiresAt: instantSchema,
  })
  .meta({ id: 'ExecutionApproval' })

/** GET and POST /executions/{id}/plan-signatures. */
export const planSignaturesSchema = z
  .object({
    ...approvalViewSchema.shape,
    /** The bytes that approvers sign, as text: JSON with sorted keys. */
    canonical: z.string(),
    /** Of the bytes. */
    sha256: sha256Schema,
    signatures: z.array(
      z.object({
        ...signatureViewSchema.shape,
        /** In the published trust file. */
        approver: z.string().optional(),
      }),
    ),
    /** Approvers of the published trust file that have not signed; absent: any key counts. */
    missing: z.array(z.string()).optional(),
    /** Ids of the instances of each work of the plan, in the order of its hash tree. */
    instances: z.array(z.array(z.string())),
    /** The script of a command; the plan has its SHA-256. */
    script: z.string().optional(),
  })
  .meta({ id: 'PlanSignatures' })
export type PlanSignaturesView = z.infer<typeof planSignaturesSchema>
