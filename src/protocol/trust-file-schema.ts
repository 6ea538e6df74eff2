import { z } from 'zod'
import { maxExtensionNameLength } from '../core/limits.ts'
import { approvedKinds } from '../core/trust/plan-statement.ts'

const keyName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/, 'is not a name of a key')
const roleSchema = z.strictObject({
  keys: z.array(keyName).min(1).max(64),
  threshold: z.int().min(1).max(64),
})

/** The form of a trust file. */
export const trustFileSchema = z.strictObject({
  format: z.literal('chandler-trust-1'),
  version: z.int().min(1),
  expires: z.iso.datetime({ offset: true }),
  keys: z.record(keyName, z.string().max(8_192)),
  root: roleSchema,
  publishers: z
    .array(
      roleSchema.extend({
        extensions: z
          .array(
            z
              .string()
              .regex(/^[A-Za-z0-9*-]+$/, 'is not a pattern of names')
              .max(maxExtensionNameLength),
          )
          .min(1)
          .max(256),
      }),
    )
    .max(256),
  release: roleSchema.optional(),
  approvers: roleSchema.extend({ operations: z.array(z.enum(approvedKinds)).min(1).max(8).optional() }).optional(),
})
export type StoredTrustFile = z.infer<typeof trustFileSchema>
