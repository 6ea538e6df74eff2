import { z } from 'zod'
import { maxAccessKeyTtlMs, maxDescriptionLength } from '../../core/limits.ts'
import { instantSchema } from './page.ts'

/** POST /access-keys. */
export const accessKeyInputSchema = z
  .strictObject({
    /** Absent = the calling user. */
    userName: z.string().min(1).max(64).optional(),
    /** `oos`: the key can also sign requests of the OOS API; the server then keeps its secret, encrypted. */
    kind: z.enum(['native', 'oos']).default('native'),
    description: z.string().max(maxDescriptionLength).default(''),
    /** Lifetime; absent = until the key is disabled or deleted. */
    ttlMs: z.int().min(60_000).max(maxAccessKeyTtlMs).optional(),
  })
  .meta({ id: 'AccessKeyRequest' })
export type AccessKeyInput = z.input<typeof accessKeyInputSchema>

export const accessKeySchema = z
  .object({
    id: z.string(),
    userName: z.string(),
    /** `native`: the server has a hash of the secret; `oos`: it has the secret, encrypted. */
    kind: z.enum(['native', 'oos']).default('oos'),
    description: z.string(),
    status: z.enum(['enabled', 'disabled', 'expired']),
    createdAt: instantSchema,
    disabledAt: instantSchema.optional(),
    /** The server refuses the key from then on. */
    expiresAt: instantSchema.optional(),
    /** Accurate to some seconds; absent = unused, or used before the server recorded uses. */
    lastUsedAt: instantSchema.optional(),
    lastUsedFrom: z.string().optional(),
  })
  .meta({ id: 'AccessKey' })
export type AccessKeyView = z.infer<typeof accessKeySchema>

/** The secret is shown once. */
export const createdAccessKeySchema = accessKeySchema.extend({ secret: z.string() }).meta({ id: 'CreatedAccessKey' })
