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
  actor: z.string().min(1).max(256).optional().describe('User name, exact match.'),
  action: z.string().min(1).max(128).optional().describe('Action, such as `CreateExtension`.'),
  resource: z.string().min(1).max(1_024).optional().describe('Resource or resource prefix, such as `extension/`.'),
  source: z.string().min(1).max(256).optional().describe('Source address, exact match.'),
  accessKeyId: z.string().min(1).max(128).optional().describe('Access key id, exact match.'),
  from: instantSchema.optional(),
  to: instantSchema.optional().describe('End of the time range (exclusive).'),
})
