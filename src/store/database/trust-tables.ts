import type { Generated } from 'kysely'

/** Tables of signatures and trust files. */
export interface TrustTables {
  signatures: {
    account_id: string
    subject_sha256: string
    namespace: string
    key_fingerprint: string
    public_key: string
    signature: string
    created_at: Date
    created_by: string
  }
  trust_files: {
    account_id: string
    version: number
    content: string
    signatures: string[]
    approvers: Generated<object | null>
    created_at: Date
    created_by: string
  }
  execution_plans: {
    execution_id: string
    account_id: string
    canonical: string
    sha256: string
    salt_sealed: Buffer
  }
  execution_plan_places: {
    execution_id: string
    account_id: string
    instance_id: string
    part: number
    work: number
    proof: string[]
  }
}
