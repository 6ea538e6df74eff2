import { sql } from 'kysely'
import type { ExecutionStatus, TaskStatus } from '../../core/execution/execution.ts'
import type { Connection } from '../database/database.ts'
import { liveServerIds } from './servers.ts'

/** Counters over all accounts. */
export interface FleetCounts {
  /** Executions that have not ended, by status. */
  readonly openExecutions: readonly StatusCount<ExecutionStatus>[]
  /** Executions that ended within the last day, by status. */
  readonly endedExecutions: readonly StatusCount<ExecutionStatus>[]
  /** Tasks of executions that have not ended, by status. */
  readonly openTasks: readonly StatusCount<TaskStatus>[]
  /** Tasks that ended since `since`, by status. A retried task counts again. */
  readonly endedTasks: readonly StatusCount<TaskStatus>[]
  readonly liveServers: number
  readonly jobs: JobCounts
}

export interface StatusCount<Status> {
  readonly status: Status
  readonly count: number
}

/** Jobs of the work engine; there is at most one per execution. */
export interface JobCounts {
  readonly due: number
  readonly running: number
  readonly scheduled: number
  /** Of the jobs that are due and not running: how long the oldest one waits, in seconds. */
  readonly oldestDueSeconds: number
}

/**
 * Reads counters in one statement. Its cost depends on the open executions and their batches, on
 * the executions of the last day, and on the hours since `since`, never on the number of tasks.
 * @param since start of an hour, in UTC: tasks are counted by the hour
 */
export async function readFleetCounts(connection: Connection, since: Date): Promise<FleetCounts> {
  const { rows } = await sql<FleetCounts>`
    with jobs as (
      select run_at, locked_at is not null as running from graphile_worker.jobs
    )
    select
      ${listCounts(sql`select status, count(*) as n from executions where ended_at is null group by status`)} as "openExecutions",
      ${listCounts(sql`
        select e.status, count(*) as n from accounts o join executions e on e.account_id = o.id
        where coalesce(e.ended_at, 'infinity') >= now() - interval '1 day' and coalesce(e.ended_at, 'infinity') < 'infinity'
          and e.deleted_at is null
        group by e.status`)} as "endedExecutions",
      ${listCounts(sql`
        select c.status, sum(c.n) as n from executions e join task_counts c on c.execution_id = e.id
        where e.ended_at is null
        group by c.status`)} as "openTasks",
      ${listCounts(sql`
        select a.status, sum(a.n) as n from accounts o join task_activity a on a.account_id = o.id
        where a.hour >= ${since}
        group by a.status`)} as "endedTasks",
      cardinality(${liveServerIds}) as "liveServers",
      (select json_build_object(
        'due', count(*) filter (where not running and run_at <= now()),
        'running', count(*) filter (where running),
        'scheduled', count(*) filter (where not running and run_at > now()),
        'oldestDueSeconds', coalesce(extract(epoch from now() - min(run_at) filter (where not running and run_at <= now())), 0)
      ) from jobs) as jobs
  `.execute(connection)
  return rows[0] as FleetCounts
}

const listCounts = (grouped: ReturnType<typeof sql>) => sql`
  (select coalesce(json_agg(json_build_object('status', g.status, 'count', g.n)), '[]'::json) from (${grouped}) g)`
