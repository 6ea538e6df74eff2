import { type Selectable, sql } from 'kysely'
import type { TaskReasonCode, TaskStatus } from '../../core/execution/execution.ts'
import type { AccountId, ExecutionId, InstanceId } from '../../core/id.ts'
import type { PlannedPart, PlanStep } from '../../core/plan/plan.ts'
import type { StoredReason } from '../../core/plan/stored-plan.ts'
import type { Reason, ReasonMessageCode } from '../../core/reason/reason.ts'
import type { Connection, Schema } from '../database/database.ts'
import { reasonOfRow, reasonValues } from '../database/stored-reason.ts'
import { type CountedFailures, inFailureGroup } from './task-failures.ts'

export type TaskRow = Omit<
  Selectable<Schema['task_executions']>,
  'status' | 'reason_code' | 'step' | 'execution_id' | 'instance_id' | 'parts'
> & {
  readonly execution_id: ExecutionId
  readonly instance_id: InstanceId
  readonly status: TaskStatus
  readonly reason_code: TaskReasonCode
  readonly step: PlanStep
  readonly parts: readonly TaskPart[] | null
}

/** One of several extensions, as planned for the task's instance. */
export interface TaskPart extends Omit<PlannedPart, 'parameterChanges' | 'parametersDigest' | 'reason'>, StoredReason {
  readonly timeoutMs: number
}

/** A task of a plan that starts. */
export interface NewTask {
  readonly ordinal: number
  readonly batch: number
  readonly instanceId: InstanceId
  readonly instanceName: string
  readonly step: TaskRow['step']
  readonly status: TaskStatus
  readonly reasonCode: TaskReasonCode
  readonly reason: Reason
  readonly fromVersion: number | undefined
  readonly toVersion: number | undefined
  readonly configurationId: string | undefined
  /** Absent: the execution's own values. */
  readonly parameterSet?: number | undefined
  readonly timeoutMs: number
  readonly parts?: readonly TaskPart[] | undefined
  /** The first part that has work. */
  readonly part?: number | undefined
}

/** Rows per statement: 100,000 targets are ten statements of a few MB. */
const insertSize = 10_000

/** Inserts the frozen plan as rows. */
export async function insertTasks(
  connection: Connection,
  execution: { readonly id: ExecutionId; readonly accountId: AccountId },
  tasks: readonly NewTask[],
): Promise<void> {
  for (let start = 0; start < tasks.length; start += insertSize) {
    const rows = tasks.slice(start, start + insertSize)
    const parts = partColumns(rows)
    await sql`
      insert into task_executions (execution_id, account_id, ordinal, batch, instance_id, instance_name, step, status, reason_code,
        reason_messages, from_version, to_version, configuration_id, parameter_set, timeout_ms${parts.names}, reason, ended_at)
      select ${execution.id}, ${execution.accountId}, *, '', case when status in ('Success', 'Skipped') then now() end
      from unnest(
        ${rows.map((row) => row.ordinal)}::int[], ${rows.map((row) => row.batch)}::int[], ${rows.map((row) => row.instanceId)}::text[],
        ${rows.map((row) => row.instanceName)}::text[], ${rows.map((row) => row.step)}::text[], ${rows.map((row) => row.status)}::text[],
        ${rows.map((row) => row.reasonCode)}::text[], ${reasonValues(rows.map((row) => row.reason))},
        ${rows.map((row) => row.fromVersion ?? null)}::int[], ${rows.map((row) => row.toVersion ?? null)}::int[],
        ${rows.map((row) => row.configurationId ?? null)}::text[], ${rows.map((row) => row.parameterSet ?? null)}::int[],
        ${rows.map((row) => row.timeoutMs)}::bigint[]${parts.values}
      ) as t (ordinal, batch, instance_id, instance_name, step, status, reason_code, reason_messages, from_version, to_version,
        configuration_id, parameter_set, timeout_ms${parts.names})
    `.execute(connection)
  }
}

/** Only if there are parts, so that an execution of one extension sends no empty columns. */
function partColumns(rows: readonly NewTask[]) {
  if (!rows.some((row) => row.parts)) return { names: sql``, values: sql`` }
  const parts = rows.map((row) => (row.parts ? JSON.stringify(row.parts) : null))
  return {
    names: sql`, parts, part`,
    values: sql`, ${parts}::jsonb[], ${rows.map((row) => row.part ?? null)}::smallint[]`,
  }
}

/** Absent fields do not restrict the result. */
export interface TaskFilter {
  readonly executionId: ExecutionId
  readonly status?: TaskStatus | undefined
  readonly batch?: number | undefined
  readonly instanceId?: string | undefined
  readonly afterOrdinal?: number | undefined
  readonly limit: number
}

/** A page of tasks by ordinal. */
export async function listTasks(connection: Connection, filter: TaskFilter): Promise<TaskRow[]> {
  let query = connection
    .selectFrom('task_executions')
    .selectAll()
    .where('execution_id', '=', filter.executionId)
    .orderBy('ordinal')
    .limit(filter.limit)
  if (filter.status) query = query.where('status', '=', filter.status)
  if (filter.batch !== undefined) query = query.where('batch', '=', filter.batch)
  if (filter.instanceId) query = query.where('instance_id', '=', filter.instanceId)
  if (filter.afterOrdinal !== undefined) query = query.where('ordinal', '>', filter.afterOrdinal)
  return (await query.execute()) as unknown as TaskRow[]
}

/** Tasks of an execution by instance or by ordinal, in order. */
export async function listNamedTasks(
  connection: Connection,
  executionId: ExecutionId,
  named: NamedTasks,
): Promise<TaskRow[]> {
  const rows = await connection
    .selectFrom('task_executions')
    .selectAll()
    .where('execution_id', '=', executionId)
    .where(
      'instanceIds' in named
        ? sql<boolean>`instance_id = any(${named.instanceIds})`
        : sql<boolean>`ordinal = any(${named.ordinals}::int[])`,
    )
    .orderBy('ordinal')
    .execute()
  return rows as unknown as TaskRow[]
}

/** Tasks by instance or by ordinal. */
export type NamedTasks = { readonly instanceIds: readonly string[] } | { readonly ordinals: readonly number[] }

/** Stores an operator's comment on tasks. The caller holds the execution's row lock. */
export async function updateTaskNotes(
  connection: Connection,
  execution: { readonly id: ExecutionId; readonly revision: number },
  ordinals: readonly number[],
  note: string,
): Promise<void> {
  await connection
    .updateTable('task_executions')
    .set({ note, revision: execution.revision })
    .where('execution_id', '=', execution.id)
    .where(sql<boolean>`ordinal = any(${ordinals}::int[])`)
    .execute()
}

/**
 * Tasks that changed after a revision, oldest change first, for event streams. Revisions are
 * assigned under the execution's lock, so none is missed.
 */
export async function listChangedTasks(
  connection: Connection,
  executionId: ExecutionId,
  after: { readonly revision: number; readonly ordinal: number },
  limit: number,
): Promise<TaskRow[]> {
  const rows = await connection
    .selectFrom('task_executions')
    .selectAll()
    .where('execution_id', '=', executionId)
    .where(sql<boolean>`(revision, ordinal) > (${after.revision}, ${after.ordinal})`)
    .orderBy('revision')
    .orderBy('ordinal')
    .limit(limit)
    .execute()
  return rows as unknown as TaskRow[]
}

/**
 * Instances whose task failed, was cancelled or never started, for a retry; optionally only those
 * of a failure group or with these ids. Removed ones are omitted.
 */
export async function listRetryableInstanceIds(
  connection: Connection,
  executionId: ExecutionId,
  only: { readonly failure?: CountedFailures | undefined; readonly instanceIds?: readonly string[] | undefined } = {},
): Promise<InstanceId[]> {
  const { failure, instanceIds } = only
  const { rows } = await sql<{ id: InstanceId }>`
    select t.instance_id as id
    from (
      select instance_id, ordinal from task_executions
      where execution_id = ${executionId} and status in ('Failed', 'Cancelled')
        ${failure ? sql`and ${inFailureGroup(failure)}` : sql``}
        ${instanceIds ? sql`and instance_id = any(${instanceIds})` : sql``}
    ) t
    join instances i on i.id = t.instance_id and i.removed_at is null
    order by t.ordinal
  `.execute(connection)
  return rows.map(({ id }) => id)
}

/** The message that a late report replaces. */
const settled: ReasonMessageCode = 'UnknownUntilBack'

/**
 * Stores a late report about the attempt with which a task was given up, beside the task's
 * unchanged result. The caller holds the executions' locks.
 */
export async function noteLateAnswers(
  connection: Connection,
  answers: readonly {
    readonly executionId: ExecutionId
    readonly ordinal: number
    readonly attempt: number
    readonly revision: number
    readonly note: Reason
  }[],
): Promise<void> {
  if (answers.length === 0) return
  await sql`
    update task_executions t
    set reason = '', revision = a.revision, reason_messages = jsonb_path_query_array(
        ${reasonOfRow('t')}, '$[*] ? (@.code != $code)', jsonb_build_object('code', ${sql.lit(settled)})
      ) || a.note
    from unnest(
      ${answers.map((answer) => answer.executionId)}::text[], ${answers.map((answer) => answer.ordinal)}::int[],
      ${answers.map((answer) => answer.attempt)}::int[], ${answers.map((answer) => answer.revision)}::bigint[],
      ${reasonValues(answers.map((answer) => answer.note))}
    ) as a (execution_id, ordinal, attempt, revision, note)
    where t.execution_id = a.execution_id and t.ordinal = a.ordinal and t.attempt = a.attempt
      and t.reason_code in ('Lost', 'CancelUnconfirmed')
  `.execute(connection)
}
