import { sql } from 'kysely'
import type { InvocationState } from '../../core/execution/invocation.ts'
import type { ExecutionId, InstanceId, InvocationId } from '../../core/id.ts'
import type { KnownInvocation } from '../../core/instance/reconcile-open.ts'
import type { Connection } from '../database/database.ts'

export interface NamedInvocations {
  readonly instanceId: InstanceId
  readonly ids: readonly InvocationId[]
}

type KnownRow = KnownInvocation & { readonly instanceId: InstanceId }

/**
 * These instances' invocations that are open or await an answer, and others that their agents name.
 */
export async function listKnownInvocations(
  connection: Connection,
  named: readonly NamedInvocations[],
): Promise<KnownRow[]> {
  const instanceIds = named.map(({ instanceId }) => instanceId)
  const columns = sql`i.id, i.instance_id as "instanceId", i.state, i.cancel_requested_at is not null as "cancelRequested",
    i.disowned_at is not null as disowned`
  const { rows } = await sql<KnownRow>`
    select ${columns} from invocations i
    where i.instance_id = any(${instanceIds})
      and i.state in ('queued', 'sent', 'accepted', 'waiting', 'downloading', 'running', 'verifying', 'rebooting')
    union
    select ${columns} from invocations i
    where i.instance_id = any(${instanceIds}) and i.state = 'lost' and i.disowned_at is null
    union
    select ${columns} from ${unnestNamed(named)} join invocations i on i.id = u.id and i.instance_id = u.instance_id
    union all
    select d.id, d.instance_id, 'deleted', true, false from deleted_invocations d where d.instance_id = any(${instanceIds})
  `.execute(connection)
  return rows
}

const unnestNamed = (named: readonly NamedInvocations[]) => sql`unnest(
  ${named.flatMap(({ ids }) => ids)}::text[], ${named.flatMap(({ instanceId, ids }) => ids.map(() => instanceId))}::text[]
) as u (id, instance_id)`

/** Deletes the records of deleted invocations that their agents have settled. */
export async function deleteDeletedInvocations(connection: Connection, ids: readonly InvocationId[]): Promise<void> {
  await connection
    .deleteFrom('deleted_invocations')
    .where('id', 'in', [...ids])
    .execute()
}

/**
 * Extends near deadlines for agents that have just reported: of invocations whose end is on its
 * way, and of waiting ones. A running one has its own time limit, and a cancelled one must answer.
 */
export async function extendDeadlines(
  connection: Connection,
  received: readonly NamedInvocations[],
  graceMs: number,
): Promise<void> {
  await sql`
    with locked as materialized (
      select i.id from ${unnestNamed(received)} join invocations i on i.id = u.id and i.instance_id = u.instance_id
      where i.cancel_requested_at is null and i.state in ('accepted', 'waiting', 'downloading', 'running', 'verifying', 'rebooting')
        and i.deadline_at < now() + ${graceMs} * interval '1 millisecond'
      order by i.id
      for no key update of i
    )
    update invocations i set deadline_at = now() + ${graceMs} * interval '1 millisecond'
    from locked where i.id = locked.id
  `.execute(connection)
}

/**
 * The extensions of open or named invocations: a report about their installed state is expected.
 */
export async function listBusyExtensions(
  connection: Connection,
  named: readonly NamedInvocations[],
): Promise<{ instanceId: InstanceId; extensionId: string }[]> {
  const instanceIds = named.map(({ instanceId }) => instanceId)
  const { rows } = await sql<{ instanceId: InstanceId; extensionId: string }>`
    with mine as (
      select i.instance_id, i.execution_id, i.part from invocations i
      where i.instance_id = any(${instanceIds})
        and i.state in ('sent', 'accepted', 'waiting', 'downloading', 'running', 'verifying', 'rebooting')
      union
      select i.instance_id, i.execution_id, i.part
      from ${unnestNamed(named)} join invocations i on i.id = u.id and i.instance_id = u.instance_id
    )
    select distinct m.instance_id as "instanceId", coalesce(e.extension_id, p.extension_id) as "extensionId"
    from mine m join executions e on e.id = m.execution_id
    left join execution_parts p on p.execution_id = m.execution_id and p.part = m.part
    where coalesce(e.extension_id, p.extension_id) is not null
  `.execute(connection)
  return rows
}

export interface UnknownToAgent {
  readonly id: InvocationId
  readonly instanceId: InstanceId
  readonly executionId: ExecutionId
  readonly ordinal: number
  readonly attempt: number
  readonly state: InvocationState
  readonly cancelRequested: boolean
  /** The agent once confirmed that it had it. */
  readonly wasAccepted: boolean
}

/** Invocations of instances whose agents report that they have no record of them. */
export async function listUnknownToAgents(
  connection: Connection,
  subjects: readonly { readonly id: InvocationId; readonly instanceId: InstanceId }[],
): Promise<UnknownToAgent[]> {
  const { rows } = await sql<UnknownToAgent>`
    select i.id, i.instance_id as "instanceId", i.execution_id as "executionId", i.ordinal, i.attempt, i.state,
      i.cancel_requested_at is not null as "cancelRequested", i.accepted_at is not null as "wasAccepted"
    from unnest(${subjects.map(({ id }) => id)}::text[], ${subjects.map(({ instanceId }) => instanceId)}::text[]) as u (id, instance_id)
    join invocations i on i.id = u.id and i.instance_id = u.instance_id
    where i.disowned_at is null
  `.execute(connection)
  return rows
}

/** Marks invocations for which no further report is expected. The caller holds their locks. */
export async function disownInvocations(connection: Connection, ids: readonly InvocationId[]): Promise<void> {
  if (ids.length === 0) return
  await sql`update invocations set disowned_at = now() where id = any(${ids}) and state = 'lost'`.execute(connection)
}

/**
 * Those of these ids that belong to no invocation: their executions were deleted, or never were in
 * this database.
 */
export async function listDeletedIds(connection: Connection, ids: readonly InvocationId[]): Promise<InvocationId[]> {
  const { rows } = await sql<{ id: InvocationId }>`
    select u.id from unnest(${ids}::text[]) as u (id) where not exists (select from invocations i where i.id = u.id)
  `.execute(connection)
  return rows.map(({ id }) => id)
}
