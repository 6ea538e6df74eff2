import { z } from 'zod'
import { instantSchema, pageQuerySchema } from './page.ts'

/** One entry of GET /audit-log, newest first: actor, action and source (design §10). */
export const auditEntrySchema = z
  .object({
    id: z.string(),
    at: instantSchema,
    actor: z.string(),
    source: z.string(),
    /** The access key of the request; absent: a session of the console, or the server itself. */
    accessKeyId: z.string().optional(),
    action: z.string(),
    resource: z.string(),
    detail: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'AuditEntry' })
export type AuditEntry = z.infer<typeof auditEntrySchema>

/** GET /audit-log: absent fields do not filter. */
export const auditQuerySchema = z.strictObject({
  ...pageQuerySchema.shape,
  actor: z.string().min(1).max(256).optional().describe('Who, in full.'),
  action: z.string().min(1).max(128).optional().describe('What was done, such as `CreateExtension`.'),
  resource: z
    .string()
    .min(1)
    .max(1_024)
    .optional()
    .describe('What it was done to, or the beginning of it: `extension/`.'),
  source: z.string().min(1).max(256).optional().describe('From where, in full: an address.'),
  accessKeyId: z.string().min(1).max(128).optional().describe('With which access key, in full.'),
  from: instantSchema.optional(),
  to: instantSchema.optional().describe('The first instant that is not asked for.'),
})
