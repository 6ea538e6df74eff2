import { z } from 'zod'
import { instantSchema } from './page.ts'

/** One line of GET /audit-log, newest first: who changed what, from where (design §10). */
export const auditEntrySchema = z
  .object({
    id: z.string(),
    at: instantSchema,
    actor: z.string(),
    source: z.string(),
    action: z.string(),
    resource: z.string(),
    detail: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'AuditEntry' })
export type AuditEntry = z.infer<typeof auditEntrySchema>
