import type { Generated } from 'kysely'

/** Tables of groups and of what their instances should have. */
export interface AssignmentTables {
  assignments: {
    id: string
    account_id: string
    name: string
    description: Generated<string>
    group_name: string
    extension_name: string
    version: string | null
    parameters: Generated<object>
    secret_parameters_sealed: Buffer | null
    rate_control: Generated<object>
    time_window: string | null
    priority: Generated<number>
    state_configuration: object | null
    generation: Generated<number>
    resolved_version: number | null
    halted_at: Date | null
    halt_messages: object | null
    evaluated_at: Date | null
    settled_signature: string | null
    outcome: object | null
    failure: object | null
    repair: Generated<boolean>
    created_by: string
    created_at: Generated<Date>
    updated_by: string
    updated_at: Generated<Date>
  }
  declared_values: {
    account_id: string
    scope: 'group' | 'tag' | 'instance'
    subject: string
    extension_name: string
    values: object
    updated_by: string
    updated_at: Generated<Date>
  }
  secrets: {
    id: string
    account_id: string
    name: string
    value_sealed: Buffer
    created_by: string
    created_at: Generated<Date>
    updated_by: string
    updated_at: Generated<Date>
  }
  extension_channels: {
    account_id: string
    extension_id: string
    name: string
    version: number
    promoted_by: string
    promoted_at: Generated<Date>
  }
  groups: {
    account_id: string
    name: string
    description: Generated<string>
    filter: string
    known_matching: number
    known_total: number
    created_by: string
    created_at: Generated<Date>
    updated_at: Generated<Date>
  }
}
