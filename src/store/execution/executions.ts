import { type RawBuilder, type Selectable, sql } from 'kysely'
import type { ObjectFilter } from '../../core/access/object-filter.ts'
import {
  type ExecutionReasonCode,
  type ExecutionStatus,
  executionMoves,
  isEnded,
} from '../../core/execution/execution.ts'
import { listSources } from '../../core/execution/moves.ts'
import type { Operation } from '../../core/execution/operation.ts'
import type { ExecutionMode, FrozenRateControl } from '../../core/execution/rate-control.ts'
import type { AccountId, ExecutionId, ExtensionId, InstanceId, InvocationId } from '../../core/id.ts'
import type { Targets } from '../../core/plan/targets.ts'
import { makeReason, type Reason } from '../../core/reason/reason.ts'
import type { Timing } from '../../core/timing/timing.ts'
import type { PlanApproval } from '../../core/trust/plan-approval.ts'
import { andCondition, permittedCondition } from '../access/object-labels.ts'
import type { Connection, Schema } from '../database/database.ts'
import { reasonValue } from '../database/stored-reason.ts'

/** An execution as stored. */
export interface ExecutionRow
  extends Omit<
    Selectable<Schema['executions']>,
    | 'id'
    | 'account_id'
    | 'operation'
    | 'targets'
    | 'rate_control'
    | 'mode'
    | 'status'
    | 'reason_code'
    | 'timing'
    | 'approval'
  > {
  readonly timing: Timing | null
  readonly approval: PlanApproval | null
  readonly id: ExecutionId
  readonly account_id: AccountId
  readonly operation: Operation
  readonly targets: Targets
  readonly rate_control: FrozenRateControl
  readonly mode: ExecutionMode
  readonly status: ExecutionStatus
  readonly reason_code: ExecutionReasonCode
}

/**
 * All columns except those that may be large (100,000 ids as targets are 2 MB), for frequent
 * queries and lists.
 */
export const narrowColumns = [
  'id',
  'account_id',
  'client_token',
  'request_digest',
  'operation',
  'extension_id',
  'rate_control',
  'mode',
  'description',
  'delivery_timeout_ms',
  'created_by',
  'retry_of',
  'rollback_of',
  'assignment_id',
  'timing',
  'approval',
  'strict',
  'skip_offline',
  'status',
  'reason_code',
  'reason',
  'reason_messages',
  'revision',
  'task_count',
  'open_batch',
  'pause_requested',
  'accepted_failures',
  'cancel_requested_at',
  'completed_as',
  'named_ordinal',
  'tags',
  'resource_group',
  'target_tags',
  'target_group',
  'parent_execution_id',
  'note',
  'created_at',
  'started_at',
  'ended_at',
  'output_expired_at',
] as const satisfies (keyof ExecutionRow)[]
export type NarrowExecutionRow = Pick<ExecutionRow, (typeof narrowColumns)[number]>

export type NewExecution = Pick<
  ExecutionRow,
  | 'id'
  | 'account_id'
  | 'client_token'
  | 'request_digest'
  | 'operation'
  | 'extension_id'
  | 'command_content'
  | 'secret_parameters_sealed'
  | 'targets'
  | 'rate_control'
  | 'mode'
  | 'description'
  | 'delivery_timeout_ms'
  | 'created_by'
  | 'retry_of'
  | 'rollback_of'
  | 'assignment_id'
  | 'assignment_generation'
  | 'timing'
  | 'approval'
  | 'strict'
  | 'skip_offline'
  | 'task_count'
  | 'tags'
  | 'resource_group'
  | 'target_tags'
  | 'target_group'
  | 'parent_execution_id'
  | 'origin'
>

/** False if this account has used the client token before; nothing was inserted then. */
export async function insertExecution(connection: Connection, execution: NewExecution): Promise<boolean> {
  const inserted = await connection
    .insertInto('executions')
    .values({
      ...execution,
      // As text, because the driver would convert lists in it to PostgreSQL arrays.
      origin: sql`${execution.origin && JSON.stringify(execution.origin)}::jsonb`,
      operation: JSON.stringify(execution.operation),
      targets: JSON.stringify(execution.targets),
      rate_control: JSON.stringify(execution.rate_control),
      timing: sql`${execution.timing && JSON.stringify(execution.timing)}::jsonb`,
      approval: sql`${execution.approval && JSON.stringify(execution.approval)}::jsonb`,
      status: 'Started',
      reason_code: 'Accepted',
      reason: '',
      reason_messages: reasonValue(makeReason('Accepted')),
    })
    .onConflict((conflict) =>
      conflict.columns(['account_id', 'client_token']).where('client_token', 'is not', null).doNothing(),
    )
    .returning('id')
    .executeTakeFirst()
  return inserted !== undefined
}

/** Undefined if the account has no such execution. */
export async function getExecution(
  connection: Connection,
  accountId: AccountId,
  id: string,
): Promise<ExecutionRow | undefined> {
  const row = await connection
    .selectFrom('executions')
    .selectAll()
    .where('id', '=', id)
    .where('account_id', '=', accountId)
    .where('deleted_at', 'is', null)
    .executeTakeFirst()
  return row as ExecutionRow | undefined
}

/** Undefined if the account has not used the token. */
export async function getExecutionByClientToken(
  connection: Connection,
  accountId: AccountId,
  clientToken: string,
): Promise<ExecutionRow | undefined> {
  const row = await connection
    .selectFrom('executions')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('client_token', '=', clientToken)
    .executeTakeFirst()
  return row as ExecutionRow | undefined
}

/** Without the large columns. */
export async function getNarrowExecution(
  connection: Connection,
  accountId: AccountId,
  id: string,
): Promise<NarrowExecutionRow | undefined> {
  const row = await selectNarrow(connection, accountId, id).executeTakeFirst()
  return row as NarrowExecutionRow | undefined
}

const selectNarrow = (connection: Connection, accountId: AccountId, id: string) =>
  connection
    .selectFrom('executions')
    .select(narrowColumns)
    .where('id', '=', id)
    .where('account_id', '=', accountId)
    .where('deleted_at', 'is', null)

/** Undefined if the account has no such execution. */
export async function getExecutionStatus(
  connection: Connection,
  accountId: AccountId,
  id: string,
): Promise<ExecutionStatus | undefined> {
  const row = await connection
    .selectFrom('executions')
    .select('status')
    .where('id', '=', id)
    .where('account_id', '=', accountId)
    .where('deleted_at', 'is', null)
    .executeTakeFirst()
  return row?.status as ExecutionStatus | undefined
}

export type ExecutionOperationRow = Pick<
  ExecutionRow,
  'id' | 'account_id' | 'created_by' | 'operation' | 'command_content' | 'secret_parameters_sealed' | 'approval'
>

/**
 * The operations of executions in any account, for handing out work that was planned for an
 * instance.
 */
export async function listOperations(
  connection: Connection,
  ids: readonly ExecutionId[],
): Promise<ExecutionOperationRow[]> {
  const rows = await connection
    .selectFrom('executions')
    .select(['id', 'account_id', 'created_by', 'operation', 'command_content', 'secret_parameters_sealed', 'approval'])
    .where('id', 'in', [...ids])
    .execute()
  return rows as ExecutionOperationRow[]
}

/** The new revision of a locked execution. */
export interface LockedRevision {
  readonly revision: number
  /**
   * Whether it has an operation of several extensions, so that its tasks may have further parts.
   */
  readonly mayHaveParts: boolean
}

/**
 * Locks the executions of these instances' invocations in the order of their ids, which prevents
 * deadlocks, and increments the revision of each. Every change of tasks requires this lock, so that
 * counters, tasks and revisions always agree.
 */
export async function lockExecutionsOf(
  connection: Connection,
  invocations: readonly { readonly id: InvocationId; readonly instanceId: InstanceId }[],
): Promise<Map<ExecutionId, LockedRevision>> {
  if (invocations.length === 0) return new Map()
  const { rows } = await sql<LockedRevision & { id: ExecutionId }>`
    with mine as (
      select distinct i.execution_id
      from unnest(${invocations.map(({ id }) => id)}::text[], ${invocations.map(({ instanceId }) => instanceId)}::text[]) as u (id, instance_id)
      join invocations i on i.id = u.id and i.instance_id = u.instance_id
    ), locked as (
      select id from executions where id in (select execution_id from mine) order by id for update
    )
    update executions e set revision = e.revision + 1 from locked where e.id = locked.id
    returning e.id, e.revision, e.extension_id is null as "mayHaveParts"
  `.execute(connection)
  return new Map(rows.map((row) => [row.id, row]))
}

/** Locks an execution until the transaction ends; undefined if the account has none. */
export async function lockExecution(
  connection: Connection,
  accountId: AccountId,
  id: string,
): Promise<NarrowExecutionRow | undefined> {
  const row = await selectNarrow(connection, accountId, id).forUpdate().executeTakeFirst()
  return row as NarrowExecutionRow | undefined
}

/** The new values of an execution; absent fields are unchanged. */
export interface ExecutionUpdate {
  readonly revision: number
  readonly status?: ExecutionStatus
  readonly reason_code?: ExecutionReasonCode
  readonly reason?: Reason
  readonly open_batch?: number
  readonly pause_requested?: boolean
  readonly accepted_failures?: number
  readonly cancel_requested_at?: Date
  readonly rollback_due?: boolean
  readonly approval?: PlanApproval
  readonly completed_as?: 'Failed'
  readonly named_ordinal?: number | null
  readonly note?: string
  readonly started_at?: Date
  readonly ended_at?: Date
}

/**
 * Changes description, tags and other labels, which do not affect what the execution does. The
 * caller holds the row's lock.
 */
export async function updateExecutionLabels(
  connection: Connection,
  execution: { readonly id: ExecutionId; readonly revision: number },
  labels: {
    readonly description?: string | undefined
    readonly tags?: Readonly<Record<string, string>> | undefined
    readonly resourceGroup?: string | undefined
  },
): Promise<void> {
  const { description, tags, resourceGroup } = labels
  await connection
    .updateTable('executions')
    .set({
      revision: execution.revision,
      ...(description === undefined ? {} : { description }),
      ...(tags === undefined ? {} : { tags }),
      ...(resourceGroup === undefined ? {} : { resource_group: resourceGroup }),
    })
    .where('id', '=', execution.id)
    .execute()
}

/**
 * The caller holds the row's lock and has read `revision - 1`. Throws if the row does not exist any
 * more or the status transition is invalid, so that the transaction rolls back.
 */
export async function updateExecutionRow(
  connection: Connection,
  id: ExecutionId,
  update: ExecutionUpdate,
): Promise<void> {
  const { status, reason, approval, ...columns } = update
  let query = connection
    .updateTable('executions')
    .set({
      ...columns,
      ...(status === undefined ? {} : { status }),
      ...(approval === undefined ? {} : { approval: sql`${JSON.stringify(approval)}::jsonb` }),
      ...(reason === undefined ? {} : { reason: '', reason_messages: reasonValue(reason) }),
    })
    .where('id', '=', id)
  if (status !== undefined) query = query.where('status', 'in', listStatusesBefore(status))
  const { numUpdatedRows } = await query.where('revision', '<=', update.revision).executeTakeFirst()
  if (numUpdatedRows === 1n) return
  const next = status === undefined ? '' : `, or there is no move to ${status}`
  throw new Error(`execution ${id} changed under its lock: revision ${update.revision} is not the next one${next}`)
}

/** The statuses from which this one is reachable, itself included (with another reason). */
const listStatusesBefore = (status: ExecutionStatus) =>
  isEnded(status) ? listSources(executionMoves, status) : [...listSources(executionMoves, status), status]

/**
 * Marks executions as deleted: queries no longer return them, and none of their tasks start. Their
 * rows are removed in steps (retention.ts), so the cost does not depend on their size. The caller
 * holds the rows' locks, and no task of them runs.
 */
export async function markExecutionsDeleted(connection: Connection, ids: readonly ExecutionId[]): Promise<void> {
  await markDeleted(connection, sql`id = any(${ids})`)
}

/** Deletes the ended executions of one extension. Returns their ids. */
export const markExecutionsOfDeleted = (
  connection: Connection,
  accountId: AccountId,
  extensionId: ExtensionId,
): Promise<ExecutionId[]> =>
  markDeleted(
    connection,
    sql`ended_at is not null and id in (
      select id from executions where account_id = ${accountId} and extension_id = ${extensionId}
      union
      select execution_id from execution_parts where account_id = ${accountId} and extension_id = ${extensionId}
    )`,
  )

/** Also frees the client token for reuse, as removing the row would. */
async function markDeleted(connection: Connection, condition: RawBuilder<unknown>): Promise<ExecutionId[]> {
  const { rows } = await sql<{ id: ExecutionId }>`
    update executions
    set deleted_at = now(), client_token = null, revision = revision + 1,
      status = case when ended_at is null then 'Cancelled' else status end, ended_at = coalesce(ended_at, now()),
      output_expired_at = coalesce(output_expired_at, now()), output_expiring = true
    where ${condition} and deleted_at is null
      and (ended_at is not null or status = any(${listSources(executionMoves, 'Cancelled')}))
    returning id
  `.execute(connection)
  return rows.map(({ id }) => id)
}

/** Executions that have not ended: a starting server and a periodic timer poke these. */
export async function listOpenExecutionIds(connection: Connection): Promise<ExecutionId[]> {
  const rows = await connection.selectFrom('executions').select('id').where('ended_at', 'is', null).execute()
  return rows.map((row) => row.id as ExecutionId)
}

/** Those of some ids that are executions of the account. */
export async function listOwnExecutionIds(
  connection: Connection,
  accountId: AccountId,
  ids: readonly string[],
  permitted?: ObjectFilter,
): Promise<ExecutionId[]> {
  const { rows } = await sql<{ id: ExecutionId }>`
    select id from executions e where id = any(${ids}) and account_id = ${accountId} and deleted_at is null
      ${andCondition(permittedCondition('execution', permitted))}
    order by id
  `.execute(connection)
  return rows.map(({ id }) => id)
}
