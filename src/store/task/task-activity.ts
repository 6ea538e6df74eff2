import { sql } from 'kysely'
import type { ObjectFilter } from '../../core/access/object-filter.ts'
import type { TaskStatus } from '../../core/execution/execution.ts'
import type { AccountId } from '../../core/id.ts'
import { andCondition, permittedCondition } from '../access/object-labels.ts'
import type { Connection } from '../database/database.ts'

/**
 * The part of a statement that counts ended tasks: its CTE `ended` has `account_id` and `status`.
 * One row per status and session, which avoids lock contention.
 */
export const countActivity = sql`
  insert into task_activity (account_id, hour, status, session, n)
  select account_id, date_trunc('hour', now(), 'UTC'), status, pg_backend_pid(), count(*)
  from moved
  group by account_id, status
  order by account_id, status
  on conflict (account_id, hour, status, session) do update set n = task_activity.n + excluded.n`

export interface ActivityCount {
  readonly at: Date
  readonly status: Extract<TaskStatus, 'Success' | 'Failed' | 'Cancelled'>
  readonly count: number
}

/**
 * The number of ended tasks by status and by hour or day (in UTC) since an instant; a retried task
 * counts again.
 */
export async function listActivity(
  connection: Connection,
  accountId: AccountId,
  { since, unit }: { readonly since: Date; readonly unit: 'hour' | 'day' },
): Promise<ActivityCount[]> {
  const { rows } = await sql<ActivityCount>`
    select date_trunc(${unit}, hour, 'UTC') as at, status, sum(n)::bigint as count
    from task_activity
    where account_id = ${accountId} and hour >= ${since}
    group by 1, 2
    order by 1, 2
  `.execute(connection)
  return rows
}

/**
 * The same for the executions that a reader may see. Tasks count when their execution ended: the
 * counters by hour are not kept by execution.
 */
export async function listPermittedActivity(
  connection: Connection,
  accountId: AccountId,
  { since, unit, permitted }: { readonly since: Date; readonly unit: 'hour' | 'day'; readonly permitted: ObjectFilter },
): Promise<ActivityCount[]> {
  const { rows } = await sql<ActivityCount>`
    select date_trunc(${unit}, e.ended_at, 'UTC') as at, c.status, sum(c.n)::bigint as count
    from executions e join task_counts c on c.execution_id = e.id and c.status in ('Success', 'Failed', 'Cancelled')
    where e.account_id = ${accountId} and coalesce(e.ended_at, 'infinity') >= ${since} and e.ended_at is not null
      and e.deleted_at is null ${andCondition(permittedCondition('execution', permitted))}
    group by 1, 2
    order by 1, 2
  `.execute(connection)
  return rows
}

/** Merges the rows of the sessions for past hours, and deletes rows older than the retention. */
export async function foldActivity(connection: Connection, keepDays: number): Promise<void> {
  await sql`
    with over as (
      delete from task_activity
      where session <> 0 and hour < date_trunc('hour', now() - interval '2 hours', 'UTC')
      returning account_id, hour, status, n
    )
    insert into task_activity (account_id, hour, status, session, n)
    select account_id, hour, status, 0, sum(n) from over group by account_id, hour, status order by account_id, hour, status
    on conflict (account_id, hour, status, session) do update set n = task_activity.n + excluded.n
  `.execute(connection)
  await sql`delete from task_activity where hour < now() - ${keepDays} * interval '1 day'`.execute(connection)
}
