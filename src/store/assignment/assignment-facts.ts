import { sql } from 'kysely'
import type { AccountId, ExecutionId, ExtensionId, InstanceId } from '../../core/id.ts'
import type { FilterToken } from '../../core/instance/instance-filter.ts'
import type { Connection } from '../database/database.ts'
import { isBooting } from '../instance/boot-profiles.ts'
import { allTokens } from '../instance/groups.ts'
import { isApproved } from '../instance/instance-conditions.ts'
import { isOnline } from '../instance/instances.ts'

/** The executions of an assignment. */
export interface AssignmentRuns {
  /** Not ended, of whatever generation. */
  readonly open: ExecutionId | undefined
  /** The newest of the generation that was cancelled, failed by a gate or rolled back. */
  readonly stopped: ExecutionId | undefined
  /** Of the generation: instances on which a task failed after it had been delivered. */
  readonly failed: readonly InstanceId[]
  /** Of the generation: instances that it has changed within `recentMs`. */
  readonly recent: readonly InstanceId[]
  /** Of these: more than once. */
  readonly repeated: readonly InstanceId[]
}

export async function readAssignmentRuns(
  connection: Connection,
  id: string,
  generation: number,
  recentMs: number,
): Promise<AssignmentRuns> {
  const { rows } = await sql<{ open: ExecutionId | null; stopped: ExecutionId | null }>`
    select
      (select e.id from executions e where e.assignment_id = ${id} and e.ended_at is null limit 1) as open,
      (select e.id from executions e
        where e.assignment_id = ${id} and e.assignment_generation = ${generation} and e.ended_at is not null
          and (e.status = 'Cancelled' or e.reason_code = 'GateFailed'
            or exists (select from executions r where r.rollback_of = e.id))
        order by e.created_at desc limit 1) as stopped
  `.execute(connection)
  const { rows: tasks } = await sql<{ id: InstanceId; failed: boolean; count: number }>`
    select t.instance_id as id, t.status = 'Failed' as failed, count(*)::int as count
    from executions e join task_executions t on t.execution_id = e.id
    where e.assignment_id = ${id} and e.assignment_generation = ${generation} and e.ended_at is not null
      and ((t.status = 'Failed' and t.reason_code <> 'Unreachable')
        or (t.status = 'Success' and t.ended_at > now() - ${recentMs} * interval '1 ms'))
    group by 1, 2
  `.execute(connection)
  const [one] = rows
  return {
    open: one?.open ?? undefined,
    stopped: one?.stopped ?? undefined,
    failed: tasks.filter((task) => task.failed).map((task) => task.id),
    recent: tasks.filter((task) => !task.failed).map((task) => task.id),
    repeated: tasks.filter((task) => !task.failed && task.count > 1).map((task) => task.id),
  }
}

/** The newest execution of an assignment, whatever its state is. */
export async function getLastAssignmentExecution(connection: Connection, id: string): Promise<ExecutionId | undefined> {
  const { rows } = await sql<{ id: ExecutionId }>`
    select id from executions where assignment_id = ${id} and deleted_at is null order by created_at desc limit 1
  `.execute(connection)
  return rows[0]?.id
}

/** The instances of a group. */
export interface AssignmentMembers {
  /** Without those that belong to other assignments. */
  readonly ids: readonly InstanceId[]
  readonly overridden: number
  /** Of `ids`: no longer hold the installed extension. */
  readonly drifted: readonly InstanceId[]
  /** Differs if anything has changed on which a plan for them depends. */
  readonly signature: string
}

/**
 * @param rivals conditions of the groups of assignments with a higher priority
 * @param extensionId of the extension; undefined: there is no such extension
 */
export async function readAssignmentMembers(
  connection: Connection,
  accountId: AccountId,
  tokens: readonly FilterToken[],
  rivals: readonly (readonly FilterToken[])[],
  extensionId: ExtensionId | undefined,
): Promise<AssignmentMembers> {
  const overridden =
    rivals.length === 0
      ? sql`false`
      : sql`(${sql.join(
          rivals.map((one) => allTokens(accountId, one)),
          sql` or `,
        )})`
  const { rows } = await sql<{
    ids: InstanceId[] | null
    overridden: number
    drifted: InstanceId[] | null
    signature: string
  }>`
    select array_agg(m.id order by m.name, m.id) filter (where not m.overridden) as ids,
      count(*) filter (where m.overridden)::int as overridden,
      array_agg(m.id) filter (where m.drifted and not m.overridden) as drifted,
      count(*) || ' ' || coalesce(sum(hashtextextended(m.text, 0)::numeric), 0) as signature
    from (
      select i.id, i.name, ${overridden} as overridden, s.drifted_at is not null as drifted,
        concat_ws(' ', i.id, ${overridden}, ${isOnline}, i.admission, i.tags, i.resource_group, i.facts -> 'os', i.facts -> 'cloud',
          s.status, s.version, s.configuration_id, s.parameters_digest, s.content_digest, s.drifted_at is not null) as text
      from instances i left join installed_states s on s.instance_id = i.id and s.extension_id = ${extensionId ?? null}
      where i.account_id = ${accountId} and i.removed_at is null and ${isApproved} and not ${isBooting}
        and ${allTokens(accountId, tokens)}
    ) m
  `.execute(connection)
  const [row] = rows
  return {
    ids: row?.ids ?? [],
    overridden: row?.overridden ?? 0,
    drifted: row?.drifted ?? [],
    signature: row?.signature ?? '',
  }
}

/** Those of these instances that are in a group, and in none of the rivals'. */
export async function findMembersAmong(
  connection: Connection,
  accountId: AccountId,
  ids: readonly InstanceId[],
  tokens: readonly FilterToken[],
  rivals: readonly (readonly FilterToken[])[],
): Promise<InstanceId[]> {
  const none = rivals.map((one) => sql`and not (${allTokens(accountId, one)})`)
  const { rows } = await sql<{ id: InstanceId }>`
    select i.id from instances i
    where i.id = any(${ids}) and i.account_id = ${accountId} and ${allTokens(accountId, tokens)} ${none.length === 0 ? sql`` : sql.join(none, sql` `)}
  `.execute(connection)
  return rows.map(({ id }) => id)
}

/** How many instances two groups have in common. */
export async function countCommon(
  connection: Connection,
  accountId: AccountId,
  one: readonly FilterToken[],
  other: readonly FilterToken[],
): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from instances i
    where i.account_id = ${accountId} and i.removed_at is null and ${isApproved}
      and ${allTokens(accountId, one)} and ${allTokens(accountId, other)}
  `.execute(connection)
  return rows[0]?.count ?? 0
}
