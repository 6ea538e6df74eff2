import { z } from 'zod'
import { instanceStatuses } from '../../core/instance.ts'
import { maxInstanceNameLength } from '../../core/limits.ts'
import { factsSchema, tagsSchema } from '../agent-messages.ts'
import { instantSchema } from './page.ts'

const installedSchema = z.object({
  extension: z.string(),
  version: z.string(),
  configurationId: z.string(),
  executionId: z
    .string()
    .describe('What brought it; `told-…` if somebody said so over the OOS API, and no execution did.'),
  since: instantSchema,
})

export const instanceSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    status: z.enum(instanceStatuses),
    facts: factsSchema,
    tags: z.record(z.string(), z.string()),
    resourceGroup: z.string(),
    enrolledAt: instantSchema,
    lastSeenAt: instantSchema.optional(),
    /** Extensions whose last change ended well. */
    installed: z.array(installedSchema),
    /** Extensions whose last change ended half-way: what is really there is unknown. */
    broken: z.array(installedSchema),
  })
  .meta({ id: 'Instance' })
export type InstanceView = z.infer<typeof instanceSchema>

/** PATCH /instances/{id}: what people say about an instance. `tags` replaces all tags. */
export const instancePatchSchema = z.strictObject({
  name: z.string().min(1).max(maxInstanceNameLength).optional(),
  tags: tagsSchema.optional(),
  resourceGroup: z.string().max(64).optional(),
})
export type InstancePatch = z.infer<typeof instancePatchSchema>

export const joinTokenInputSchema = z.strictObject({
  /** How often it can be used; absent = without limit until it expires. */
  uses: z.int().min(1).max(1_000_000).optional(),
  ttlMs: z
    .int()
    .min(1_000)
    .max(365 * 24 * 3_600_000)
    .default(3_600_000),
  tags: tagsSchema.default({}),
  resourceGroup: z.string().max(64).default(''),
})
export type JoinTokenInput = z.input<typeof joinTokenInputSchema>

export const joinTokenSchema = z
  .object({
    id: z.string(),
    uses: z.int().optional(),
    usesLeft: z.int().optional(),
    expiresAt: instantSchema,
    createdAt: instantSchema,
    tags: z.record(z.string(), z.string()),
    resourceGroup: z.string(),
  })
  .meta({ id: 'JoinToken' })
export type JoinTokenView = z.infer<typeof joinTokenSchema>

/** The secret is shown once. */
export const createdJoinTokenSchema = joinTokenSchema.extend({ token: z.string() }).meta({ id: 'CreatedJoinToken' })
