import { sql } from 'kysely'
import type { ParameterValues } from '../../core/extension/extension.ts'
import type { AccountId, ExecutionId, ExtensionId, InstanceId } from '../../core/id.ts'
import type { StateOfChange } from '../../core/plan/plan-rollback.ts'
import type { Connection } from '../database/database.ts'

/** What an execution changed for one extension on one instance. */
export interface StateChangeRow {
  readonly instanceId: InstanceId
  readonly extensionId: ExtensionId
  /** Of its task. */
  readonly ordinal: number
  readonly before: StateOfChange | undefined
  /** After the latest change by the execution or by one of its rollbacks. */
  readonly after: StateOfChange | undefined
  /** The latest other execution that changed it after that. */
  readonly changedBy: ExecutionId | null
}

type FlatState<Prefix extends string> = {
  readonly [Name in `${Prefix}_status` | `${Prefix}_configuration_id` | `${Prefix}_parameters_digest`]: string | null
} & { readonly [Name in `${Prefix}_version`]: number | null }

type FlatRow = Pick<StateChangeRow, 'instanceId' | 'extensionId' | 'ordinal' | 'changedBy'> &
  FlatState<'before'> &
  FlatState<'after'>

/**
 * The changes of an execution that has no task running, by task: the last one first. Removed
 * instances are left out.
 */
export async function listStateChanges(
  connection: Connection,
  accountId: AccountId,
  executionId: ExecutionId,
): Promise<StateChangeRow[]> {
  const { rows } = await sql<FlatRow>`
    with family as (
      select ${executionId}::text as id
      union
      select id from executions where rollback_of = ${executionId} and account_id = ${accountId}
    )
    select c.instance_id as "instanceId", c.extension_id as "extensionId", c.ordinal,
      c.before_status, c.before_version, c.before_configuration_id, c.before_parameters_digest,
      l.after_status, l.after_version, l.after_configuration_id, l.after_parameters_digest, o.execution_id as "changedBy"
    from state_changes c
    join instances i on i.id = c.instance_id and i.removed_at is null
    cross join lateral (
      select n.* from state_changes n
      where n.instance_id = c.instance_id and n.extension_id = c.extension_id and n.execution_id in (select id from family)
      order by n.changed_at desc limit 1
    ) l
    left join lateral (
      select n.execution_id from state_changes n
      where n.instance_id = c.instance_id and n.extension_id = c.extension_id and n.changed_at > l.changed_at
      order by n.changed_at desc limit 1
    ) o on true
    where c.execution_id = ${executionId} and c.account_id = ${accountId}
    order by c.ordinal desc
  `.execute(connection)
  return rows.map((row) => ({
    instanceId: row.instanceId,
    extensionId: row.extensionId,
    ordinal: row.ordinal,
    changedBy: row.changedBy,
    before: readState(row.before_status, row.before_version, row.before_configuration_id, row.before_parameters_digest),
    after: readState(row.after_status, row.after_version, row.after_configuration_id, row.after_parameters_digest),
  }))
}

function readState(
  status: string | null,
  version: number | null,
  configurationId: string | null,
  parametersDigest: string | null,
): StateOfChange | undefined {
  if (status === null || version === null) return undefined
  return {
    status: status as StateOfChange['status'],
    version,
    configurationId: configurationId ?? '',
    parametersDigest: parametersDigest ?? '',
  }
}

/** Values that instances had before an execution changed them. */
export interface PreviousValuesRow {
  readonly extensionId: ExtensionId
  readonly parametersDigest: string
  readonly parameters: ParameterValues
  readonly sealed: Buffer | null
  /** The context of the sealed values. */
  readonly executionId: string
}

/** Once per digest: equal digests mean equal values. */
export async function listPreviousValues(
  connection: Connection,
  accountId: AccountId,
  executionId: ExecutionId,
): Promise<PreviousValuesRow[]> {
  const { rows } = await sql<PreviousValuesRow>`
    select distinct on (extension_id, before_parameters_digest) extension_id as "extensionId",
      before_parameters_digest as "parametersDigest", before_parameters as parameters, before_sealed as sealed,
      before_execution_id as "executionId"
    from state_changes
    where execution_id = ${executionId} and account_id = ${accountId} and before_status is not null
  `.execute(connection)
  return rows
}

/** The first rollback of an execution that still exists; undefined if there is none. */
export async function getRollback(
  connection: Connection,
  accountId: AccountId,
  executionId: ExecutionId,
): Promise<ExecutionId | undefined> {
  const { rows } = await sql<{ id: ExecutionId }>`
    select id from executions
    where rollback_of = ${executionId} and account_id = ${accountId} and deleted_at is null
    order by created_at
    limit 1
  `.execute(connection)
  return rows[0]?.id
}

/** The number of instances that an execution changed in one way. */
export interface ChangeCount {
  readonly extensionId: ExtensionId
  readonly extensionName: string
  /** Null: not installed. */
  readonly from: number | null
  readonly to: number | null
  /** The change did not complete. */
  readonly isBroken: boolean
  readonly count: number
}

/** What an execution changed, by versions; the most frequent change first. */
export async function listChangeCounts(
  connection: Connection,
  accountId: AccountId,
  executionId: ExecutionId,
): Promise<ChangeCount[]> {
  const { rows } = await sql<ChangeCount>`
    select c.extension_id as "extensionId", coalesce(e.name, d.name, c.extension_id) as "extensionName",
      c.before_version as "from", c.after_version as "to", coalesce(c.after_status = 'broken', false) as "isBroken",
      count(*)::int as count
    from state_changes c
    left join extensions e on e.id = c.extension_id
    left join deleted_extensions d on d.extension_id = c.extension_id
    where c.execution_id = ${executionId} and c.account_id = ${accountId}
    group by 1, 2, 3, 4, 5
    order by count desc, 2, 3, 4
    limit 100
  `.execute(connection)
  return rows
}
