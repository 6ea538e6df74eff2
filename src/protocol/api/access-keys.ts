import { z } from 'zod'
import { maxDescriptionLength } from '../../core/limits.ts'
import { instantSchema } from './page.ts'

/** POST /access-keys. */
export const accessKeyInputSchema = z
  .strictObject({
    /** Absent = the user who asks. */
    userName: z.string().min(1).max(64).optional(),
    description: z.string().max(maxDescriptionLength).default(''),
  })
  .meta({ id: 'AccessKeyRequest' })
export type AccessKeyInput = z.input<typeof accessKeyInputSchema>

export const accessKeySchema = z
  .object({
    id: z.string(),
    userName: z.string(),
    description: z.string(),
    status: z.enum(['enabled', 'disabled']),
    createdAt: instantSchema,
    disabledAt: instantSchema.optional(),
  })
  .meta({ id: 'AccessKey' })
export type AccessKeyView = z.infer<typeof accessKeySchema>

/** The secret is shown once. */
export const createdAccessKeySchema = accessKeySchema.extend({ secret: z.string() }).meta({ id: 'CreatedAccessKey' })
