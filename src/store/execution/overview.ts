import { type RawBuilder, sql } from 'kysely'
import type { ObjectFilter } from '../../core/access/object-filter.ts'
import type { ExecutionStatus } from '../../core/execution/execution.ts'
import type { AccountId, ExecutionId, InstanceId } from '../../core/id.ts'
import { andCondition, permittedCondition, permittedInstanceCondition } from '../access/object-labels.ts'
import type { Connection } from '../database/database.ts'
import { liveServerIds } from '../server/servers.ts'
import { type NarrowExecutionRow, narrowColumns } from './executions.ts'

export interface InstanceCounts {
  readonly total: number
  readonly online: number
  /**
   * Of the offline instances: those that went offline before `awaySince`, or enrolled before it and
   * never connected.
   */
  readonly away: number
}

export async function countInstanceRows(
  connection: Connection,
  accountId: AccountId,
  awaySince: Date,
  permitted?: ObjectFilter,
): Promise<InstanceCounts> {
  const isPermitted = permittedCondition('instance', permitted)
  if (isPermitted) return countPermittedInstances(connection, accountId, awaySince, isPermitted)
  const { rows } = await sql<InstanceCounts>`
    select
      -- Who is not approved yet is counted apart.
      (select count(*) from instances where account_id = ${accountId} and removed_at is null)
        - (select count(*) from instances where account_id = ${accountId} and removed_at is null and admission <> 'admitted'
           and admission = 'pending') as total,
      (select count(*) from instances
       where account_id = ${accountId} and removed_at is null and connected_to = any(${liveServerIds})) as online,
      (select count(*) from instances i where ${isAway(accountId, awaySince)}) as away
  `.execute(connection)
  return rows[0] as InstanceCounts
}

/** The same in one pass over the instances that the reader may see. */
async function countPermittedInstances(
  connection: Connection,
  accountId: AccountId,
  awaySince: Date,
  isPermitted: RawBuilder<boolean>,
): Promise<InstanceCounts> {
  const { rows } = await sql<InstanceCounts>`
    select count(*) filter (where admission <> 'pending') as total,
      count(*) filter (where connected_to = any(${liveServerIds})) as online,
      count(*) filter (where ${isAway(accountId, awaySince)}) as away
    from instances i
    where account_id = ${accountId} and removed_at is null and ${isPermitted}
  `.execute(connection)
  return rows[0] as InstanceCounts
}

export interface AwayInstance {
  readonly id: InstanceId
  readonly name: string
  readonly lastSeenAt: Date | null
}

/** Ordered by the duration of their absence; instances that never connected come last. */
export async function listAwayInstances(
  connection: Connection,
  accountId: AccountId,
  awaySince: Date,
  limit: number,
  permitted?: ObjectFilter,
): Promise<AwayInstance[]> {
  const { rows } = await sql<AwayInstance>`
    select id, name, last_seen_at as "lastSeenAt" from instances i
    where ${isAway(accountId, awaySince)} ${andCondition(permittedCondition('instance', permitted))}
    order by last_seen_at
    limit ${limit}
  `.execute(connection)
  return rows
}

const isAway = (accountId: AccountId, since: Date) => sql`
  account_id = ${accountId} and removed_at is null and connected_to is null
    and admission <> 'pending' and (last_seen_at < ${since} or (last_seen_at is null and enrolled_at < ${since}))`

/** Executions that have not ended, and those that ended since an instant. */
export async function countExecutionsByStatus(
  connection: Connection,
  accountId: AccountId,
  endedSince: Date,
  permitted?: ObjectFilter,
): Promise<{ status: ExecutionStatus; count: number }[]> {
  const { rows } = await sql<{ status: ExecutionStatus; count: number }>`
    select status, count(*) as count from executions e
    where account_id = ${accountId} and ended_at is null ${andCondition(permittedCondition('execution', permitted))}
    group by status
    union all
    select status, count(*) from executions e
    where account_id = ${accountId} and ${endedBetween(endedSince)} and deleted_at is null
      ${andCondition(permittedCondition('execution', permitted))}
    group by status
  `.execute(connection)
  return rows
}

/** Executions that failed since an instant, newest first. */
export async function listFailedExecutions(
  connection: Connection,
  accountId: AccountId,
  endedSince: Date,
  limit: number,
  permitted?: ObjectFilter,
): Promise<NarrowExecutionRow[]> {
  const { rows } = await sql<NarrowExecutionRow>`
    select ${sql.join(narrowColumns.map((name) => sql.ref(name)))} from executions e
    where account_id = ${accountId} and ${endedBetween(endedSince)} and status = 'Failed' and deleted_at is null
      ${andCondition(permittedCondition('execution', permitted))}
    order by coalesce(ended_at, 'infinity') desc, id desc
    limit ${limit}
  `.execute(connection)
  return rows
}

/**
 * Uses the expression of the index executions_by_end, which sorts executions that have not ended
 * last.
 */
const endedBetween = (since: Date) =>
  sql`coalesce(ended_at, 'infinity') >= ${since} and coalesce(ended_at, 'infinity') < 'infinity'`

export interface CoverageCounts {
  readonly name: string
  readonly version: number
  readonly status: 'installed' | 'broken'
  readonly count: number
}

/**
 * The number of instances per version of each extension, and how many of those are broken; an
 * extension that was force-deleted has no name.
 */
export async function listCoverage(
  connection: Connection,
  accountId: AccountId,
  permitted?: ObjectFilter,
): Promise<CoverageCounts[]> {
  const { rows } = await sql<CoverageCounts>`
    select e.name, s.version, s.status, s.count
    from (
      select extension_id, version, status, count(*) as count from installed_states
      where account_id = ${accountId} ${andCondition(permittedInstanceCondition(accountId, permitted, sql`instance_id`))}
      group by extension_id, version, status
    ) s
    join extensions e on e.id = s.extension_id
    order by e.name, s.version, s.status
  `.execute(connection)
  return rows
}

export interface BrokenInstall {
  readonly instanceId: InstanceId
  readonly instanceName: string
  readonly extension: string
  readonly version: number
  readonly executionId: ExecutionId
  readonly since: Date
  /** Number of instances that the same change left broken, this one included. */
  readonly sameCount: number
}

/** Incomplete changes, newest first. */
export async function listBrokenInstalls(
  connection: Connection,
  accountId: AccountId,
  limit: number,
  permitted?: ObjectFilter,
): Promise<BrokenInstall[]> {
  const { rows } = await sql<BrokenInstall>`
    select s.instance_id as "instanceId", i.name as "instanceName", coalesce(e.name, d.name, s.extension_id) as extension, s.version,
      s.execution_id as "executionId", s.since,
      count(*) over (partition by s.extension_id, s.version, s.execution_id)::int as "sameCount"
    from installed_states s
    join instances i on i.id = s.instance_id
    left join extensions e on e.id = s.extension_id
    left join deleted_extensions d on d.extension_id = s.extension_id
    where s.account_id = ${accountId} and s.status = 'broken' ${andCondition(permittedCondition('instance', permitted))}
    order by s.since desc
    limit ${limit}
  `.execute(connection)
  return rows
}
