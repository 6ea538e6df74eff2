import type { Generated } from 'kysely'

/** Tables of rollbacks and of the times at which executions may start. */
export interface RolloutTables {
  state_changes: {
    execution_id: string
    instance_id: string
    extension_id: string
    account_id: string
    ordinal: number
    part: number
    changed_at: Generated<Date>
    before_status: string | null
    before_version: number | null
    before_configuration_id: string | null
    before_parameters_digest: string | null
    before_parameters: unknown
    before_sealed: Buffer | null
    before_execution_id: string | null
    after_status: string | null
    after_version: number | null
    after_configuration_id: string | null
    after_parameters_digest: string | null
  }
  freezes: {
    id: string
    account_id: string
    name: string
    begins_at: Date
    ends_at: Date
    created_by: string
    created_at: Generated<Date>
  }
}
