import type { Generated } from 'kysely'
import type { Reason } from '../../core/reason/reason.ts'
import type { MissedPolicy, OverlapPolicy } from '../../core/timing/decide-schedule.ts'

/** Why a schedule could not start its execution: an error of the catalogue. */
export interface ScheduleFailure {
  readonly code: string
  readonly message: string
}

/** Tables of rollbacks, of gates between batches, and of the times at which executions may start. */
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
    before_parameters: object | null
    before_sealed: Buffer | null
    before_execution_id: string | null
    after_status: string | null
    after_version: number | null
    after_configuration_id: string | null
    after_parameters_digest: string | null
  }
  execution_gates: {
    id: Generated<number>
    execution_id: string
    account_id: string
    batch: number
    gate: number
    began_at: Generated<Date>
    ended_at: Date | null
    outcome: 'passed' | 'failed' | null
    reason_messages: Reason | null
    observation: object | null
    check_at: Date | null
  }
  gate_approvals: {
    id: Generated<number>
    gate_id: number
    account_id: string
    user_name: string
    approves: boolean
    comment: Generated<string>
    at: Generated<Date>
  }
  schedules: {
    id: string
    account_id: string
    name: string
    cron: string
    time_zone: string
    on_missed: MissedPolicy
    on_overlap: OverlapPolicy
    request_sealed: Buffer
    paused: Generated<boolean>
    next_at: Date | null
    waiting: Generated<boolean>
    last_at: Date | null
    last_outcome: 'started' | 'missed' | 'overlap' | 'failed' | null
    last_failure: ScheduleFailure | null
    last_execution_id: string | null
    created_by: string
    created_at: Generated<Date>
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
