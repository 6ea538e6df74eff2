import type { Generated } from 'kysely'

/** Tables of groups and of what their instances should have. */
export interface AssignmentTables {
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
