import type { Generated } from 'kysely'

/** The columns of the table `audit_log`. */
export interface AuditLogTable {
  id: Generated<number>
  account_id: string
  at: Generated<Date>
  actor: string
  source: string
  action: string
  resource: string
  detail: Generated<unknown>
  access_key: string | null
  seq: number | null
  hash: string | null
}
