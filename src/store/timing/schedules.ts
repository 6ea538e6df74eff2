import { type Selectable, sql } from 'kysely'
import type { AccountId, ExecutionId } from '../../core/id.ts'
import type { Connection, Schema } from '../database/database.ts'
import type { ScheduleFailure } from '../database/rollout-tables.ts'

export type ScheduleRow = Selectable<Schema['schedules']>

/** The schedules of an account by name. */
export async function listSchedules(connection: Connection, accountId: AccountId): Promise<ScheduleRow[]> {
  return await connection
    .selectFrom('schedules')
    .selectAll()
    .where('account_id', '=', accountId)
    .orderBy('name')
    .limit(1_000)
    .execute()
}

export async function getSchedule(
  connection: Connection,
  accountId: AccountId,
  name: string,
): Promise<ScheduleRow | undefined> {
  return await connection
    .selectFrom('schedules')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('name', '=', name)
    .executeTakeFirst()
}

/** Undefined if the account has a schedule with this name. */
export async function insertSchedule(
  connection: Connection,
  schedule: Pick<
    ScheduleRow,
    | 'id'
    | 'account_id'
    | 'name'
    | 'cron'
    | 'time_zone'
    | 'on_missed'
    | 'on_overlap'
    | 'request_sealed'
    | 'next_at'
    | 'created_by'
  >,
): Promise<ScheduleRow | undefined> {
  return await connection
    .insertInto('schedules')
    .values(schedule)
    .onConflict((conflict) => conflict.columns(['account_id', 'name']).doNothing())
    .returningAll()
    .executeTakeFirst()
}

/** Replaces what a schedule starts, and when. */
export async function updateSchedule(
  connection: Connection,
  id: string,
  change: Pick<ScheduleRow, 'cron' | 'time_zone' | 'on_missed' | 'on_overlap' | 'request_sealed' | 'created_by'> & {
    /** Absent: unchanged. */
    readonly next_at?: Date
  },
): Promise<ScheduleRow> {
  return await connection
    .updateTable('schedules')
    .set({ ...change, waiting: false })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow()
}

/** False if the account has no such schedule. */
export async function deleteSchedule(connection: Connection, accountId: AccountId, name: string): Promise<boolean> {
  const { numDeletedRows } = await connection
    .deleteFrom('schedules')
    .where('account_id', '=', accountId)
    .where('name', '=', name)
    .executeTakeFirst()
  return numDeletedRows > 0n
}

/** Undefined if the account has no such schedule. `nextAt` is that of a schedule that resumes. */
export async function setSchedulePaused(
  connection: Connection,
  accountId: AccountId,
  name: string,
  change: { readonly paused: true } | { readonly paused: false; readonly nextAt: Date | null },
): Promise<ScheduleRow | undefined> {
  return await connection
    .updateTable('schedules')
    .set(change.paused ? { paused: true, waiting: false } : { paused: false, next_at: change.nextAt })
    .where('account_id', '=', accountId)
    .where('name', '=', name)
    .returningAll()
    .executeTakeFirst()
}

/** A schedule that is due, and whether its last execution has not ended. */
export type DueScheduleRow = ScheduleRow & { readonly next_at: Date; readonly isRunning: boolean }

export async function listDueSchedules(connection: Connection, now: Date, limit: number): Promise<DueScheduleRow[]> {
  const { rows } = await sql<DueScheduleRow>`
    select s.*, exists (
      select 1 from executions e where e.id = s.last_execution_id and e.ended_at is null and e.deleted_at is null
    ) as "isRunning"
    from schedules s
    where not s.paused and s.next_at <= ${now}
    order by s.next_at, s.id
    limit ${limit}
  `.execute(connection)
  return rows
}

/** What became of a schedule that was due. */
export interface ScheduleResult {
  readonly outcome: 'started' | 'missed' | 'overlap' | 'failed'
  readonly nextAt: Date | null
  readonly executionId?: ExecutionId | undefined
  readonly failure?: ScheduleFailure | undefined
}

/** Stores what became of a due schedule, unless another server or a user was first. */
export async function setScheduleResult(
  connection: Connection,
  { id, next_at: dueAt }: Pick<DueScheduleRow, 'id' | 'next_at'>,
  { outcome, nextAt, executionId, failure }: ScheduleResult,
): Promise<void> {
  await connection
    .updateTable('schedules')
    .set({
      waiting: false,
      next_at: nextAt,
      last_at: dueAt,
      last_outcome: outcome,
      last_failure: failure ?? null,
      ...(executionId === undefined ? {} : { last_execution_id: executionId }),
    })
    .where('id', '=', id)
    .where('next_at', '=', dueAt)
    .execute()
}

/** The schedule waits for the end of its last execution. */
export async function setScheduleWaiting(connection: Connection, id: string): Promise<void> {
  await connection.updateTable('schedules').set({ waiting: true }).where('id', '=', id).execute()
}

/** A user has started the schedule: the execution counts as its last one. */
export async function setScheduleExecution(
  connection: Connection,
  id: string,
  executionId: ExecutionId,
): Promise<void> {
  await connection.updateTable('schedules').set({ last_execution_id: executionId }).where('id', '=', id).execute()
}
