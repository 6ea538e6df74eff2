import { z } from 'zod'
import { maxApiBodyBytes, maxPlanBytes, maxSignaturesPerSubject } from '../core/limits.ts'

/** Canonical bytes as text, and SSH signatures over them. */
export const signedSchema = z.object({
  canonical: z.string().max(maxApiBodyBytes),
  signatures: z.array(z.string().max(8_192)).max(maxSignaturesPerSubject),
})

/**
 * The plan of an execution as approvers signed it, with what shows that this task is part of it. For
 * instances whose trust file has an approver rule.
 */
export const signedPlanSchema = z.object({
  canonical: z.string().max(maxPlanBytes),
  signatures: z.array(z.string().max(8_192)).max(maxSignaturesPerSubject),
  /** Index of the task's work in the plan. */
  work: z.int().min(0),
  /** Of this instance, in the hash tree of the work. */
  proof: z.array(z.string().regex(/^[lr][0-9a-f]{64}$/)).max(32),
  /** Of the digests of secret values. */
  salt: z.string().max(64),
  /** Names of secret parameters. */
  secret: z.array(z.string().max(128)).max(256),
})
