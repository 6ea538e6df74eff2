import { sql } from 'kysely'
import { runningTaskStatuses, type TaskReasonCode, type TaskStatus, taskMoves } from '../../core/execution/execution.ts'
import { checkMove } from '../../core/execution/moves.ts'
import type { ExecutionId } from '../../core/id.ts'
import { makeReason, type Reason } from '../../core/reason/reason.ts'
import type { Connection } from '../database/database.ts'
import { reasonValues } from '../database/stored-reason.ts'
import { beforeMove, countMoves, returningMove } from './task-counts.ts'

/** A running task, and whether its instance is rebooting for it. */
export interface TaskReboot {
  readonly executionId: ExecutionId
  readonly ordinal: number
  readonly attempt: number
  readonly revision: number
  readonly isRebooting: boolean
}

const whileRebooting = { status: 'Rebooting', reasonCode: 'Rebooting', reason: makeReason('Rebooting') } as const
const afterReboot = { status: 'Running', reasonCode: 'Dispatched', reason: [] } as const

/**
 * Moves running tasks to Rebooting and back to Running; those that have the status already, or have
 * ended, are unchanged. The caller holds the row locks of their executions.
 */
export async function noteReboots(connection: Connection, reboots: readonly TaskReboot[]): Promise<void> {
  if (reboots.length === 0) return
  checkMove('a reboot', taskMoves, 'Running', 'Rebooting')
  checkMove('a reboot', taskMoves, 'Rebooting', 'Running')
  const states: { status: TaskStatus; reasonCode: TaskReasonCode; reason: Reason }[] = reboots.map(({ isRebooting }) =>
    isRebooting ? whileRebooting : afterReboot,
  )
  await sql`
    with reboots as (
      select * from unnest(
        ${reboots.map((one) => one.executionId)}::text[], ${reboots.map((one) => one.ordinal)}::int[],
        ${reboots.map((one) => one.attempt)}::int[], ${reboots.map((one) => one.revision)}::bigint[],
        ${states.map(({ status }) => status)}::text[], ${states.map(({ reasonCode }) => reasonCode)}::text[],
        ${reasonValues(states.map(({ reason }) => reason))}
      ) as r (execution_id, ordinal, attempt, revision, status, reason_code, reason_messages)
    ), before as (
      select ${beforeMove}, r.revision, r.status, r.reason_code, r.reason_messages
      from reboots r
      join task_executions t on t.execution_id = r.execution_id and t.ordinal = r.ordinal and t.attempt = r.attempt
      where t.status = any(${runningTaskStatuses}) and t.status <> r.status and not t.part_due
    ), moved as (
      update task_executions t
      set status = b.status, reason_code = b.reason_code, reason = '', reason_messages = b.reason_messages, revision = b.revision
      from before b
      where t.execution_id = b.execution_id and t.ordinal = b.ordinal
      returning ${returningMove}
    )
    ${countMoves}
  `.execute(connection)
}
