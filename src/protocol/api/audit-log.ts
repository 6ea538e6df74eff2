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

/** A place in the chain of audit log entries: a number from 1, and the hash of the entry (hex). */
const auditPlaceSchema = z.object({ seq: z.number().int(), hash: z.string() })

/** GET /audit-log/verification: whether the chain of entries is intact. */
export const auditVerificationSchema = z
  .object({
    entries: z.number().int().describe('Number of verified entries.'),
    first: auditPlaceSchema.describe('Retention removed the entries up to this place.'),
    last: auditPlaceSchema,
    fault: z
      .object({
        kind: z.enum(['changed', 'removed', 'inserted']),
        seq: z.number().int(),
        entryId: z.string().optional(),
      })
      .optional()
      .describe('The first broken place; absent if the chain is intact.'),
  })
  .meta({ id: 'AuditVerification' })

/** GET /audit-log/chain: entries with their places, oldest first, as exports contain them. */
export const chainedAuditEntrySchema = z
  .object({
    accountId: z.string(),
    seq: z.number().int(),
    hash: z.string(),
    id: z.number().int(),
    at: instantSchema,
    atMicros: z.number().int().describe('Microseconds since 1970.'),
    actor: z.string(),
    source: z.string(),
    accessKeyId: z.string().optional(),
    action: z.string(),
    resource: z.string(),
    detail: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'ChainedAuditEntry' })

/** GET /audit-log/chain */
export const auditChainQuerySchema = z.strictObject({
  ...pageQuerySchema.shape,
  after: z.coerce.number().int().min(0).default(0).describe('Start after the entry with this number.'),
})

/** GET /audit-log/exports: how far each configured receiver is. */
const auditExportSchema = z
  .object({
    receiver: z.string(),
    seq: z.number().int().describe('The last delivered entry.'),
    behind: z.number().int().describe('Number of entries that are not delivered yet.'),
    failure: z.string().optional().describe('Why the last delivery failed.'),
    failedAt: instantSchema.optional(),
  })
  .meta({ id: 'AuditExport' })
export const auditExportsSchema = z.object({ items: z.array(auditExportSchema) })
