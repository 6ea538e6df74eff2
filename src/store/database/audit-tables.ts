import type { Generated } from 'kysely'

/** The audit log, its chain of hashes and its exports. */
export interface AuditTables {
  audit_log: {
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
  audit_chains: {
    account_id: string
    first_seq: Generated<number>
    first_hash: Generated<string>
    last_seq: Generated<number>
    last_hash: Generated<string>
  }
  audit_exports: {
    account_id: string
    receiver: string
    seq: Generated<number>
    leased_until: Generated<Date>
    failure: Generated<string>
    failed_at: Date | null
  }
}
