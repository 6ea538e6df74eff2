import { sql } from 'kysely'
import type { AccountId, ExecutionId } from '../../core/id.ts'
import type { Connection } from '../database/database.ts'

/*
 * Removes ended records after their retention time, by the clock of the database. Every function
 * here takes one small step and returns what it removed, so that no statement grows with the amount
 * of data; the caller repeats until nothing is left. Rows that another server is removing are
 * skipped.
 */

/**
 * The number of expired records; an undefined retention time means that records are kept forever.
 */
export async function countExpiredRows(
  connection: Connection,
  { outputMs, executionsMs, auditLogMs }: Record<'outputMs' | 'executionsMs' | 'auditLogMs', number | undefined>,
): Promise<{ outputs: number; executions: number; auditEntries: number }> {
  // A comparison with null is never true.
  const before = (ms: number | undefined) => sql`now() - ${ms ?? null}::float8 * interval '1 millisecond'`
  const { rows } = await sql<{ outputs: number; executions: number; auditEntries: number }>`
    select
      (select count(*) from executions
       where deleted_at is null and (output_expiring or ended_at < ${before(outputMs)} and output_expired_at is null)) as outputs,
      (select count(*) from executions where ended_at < ${before(executionsMs)} and deleted_at is null) as executions,
      (select count(*) from audit_log where at < ${before(auditLogMs)}) as "auditEntries"
  `.execute(connection)
  return rows[0] ?? { outputs: 0, executions: 0, auditEntries: 0 }
}

/**
 * Marks the output of the execution that ended first as expired. Returns undefined if none is due.
 */
export async function expireOutput(connection: Connection, olderThanMs: number): Promise<ExecutionId | undefined> {
  const { rows } = await sql<{ id: ExecutionId }>`
    update executions set output_expired_at = now(), output_expiring = true
    where id = (
      select id from executions
      where ended_at < now() - ${olderThanMs} * interval '1 millisecond' and output_expired_at is null
      order by ended_at
      limit 1
      for update skip locked
    )
    returning id
  `.execute(connection)
  return rows[0]?.id
}

/**
 * Executions whose output is marked and may not be completely removed, also after another server
 * stopped in between.
 */
export async function listExpiringOutput(connection: Connection): Promise<ExecutionId[]> {
  const rows = await connection
    .selectFrom('executions')
    .select('id')
    .where('output_expiring', '=', true)
    .where('deleted_at', 'is', null)
    .execute()
  return rows.map(({ id }) => id as ExecutionId)
}

/** Chunks are 64 KiB at most: a step removes up to 64 MiB. */
const chunksPerStep = 1_000

/** Removes some expired output of an execution. Returns the number of chunks; 0 if none is left. */
export async function deleteExpiredOutput(connection: Connection, id: ExecutionId): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from output_chunks where (invocation_id, stream, start_byte) in (
      select c.invocation_id, c.stream, c.start_byte
      from invocations i join output_chunks c on c.invocation_id = i.id
      where i.execution_id = ${id}
      limit ${chunksPerStep}
    )
  `.execute(connection)
  return Number(numAffectedRows ?? 0)
}

/** Marks the expired output of an execution as completely removed. */
export async function updateOutputGone(connection: Connection, id: ExecutionId): Promise<void> {
  await connection.updateTable('executions').set({ output_expiring: false }).where('id', '=', id).execute()
}

export interface ExpiredExecution {
  readonly id: ExecutionId
  readonly accountId: AccountId
  /** True: the execution is removed. False: some of its tasks are, and more may be left. */
  readonly isRemoved: boolean
}

/** Rows of tasks and invocations; a step takes well below a second. */
const taskRowsPerStep = 5_000

/**
 * Removes some tasks of the execution that ended first, if it is due and has no output any more,
 * and the execution itself after its last task. Returns undefined if none is due. Call it in a
 * transaction.
 */
export async function deleteExpiredExecution(
  connection: Connection,
  olderThanMs: number,
): Promise<ExpiredExecution | undefined> {
  const { rows } = await sql<{ id: ExecutionId; accountId: AccountId }>`
    select id, account_id as "accountId" from executions
    where ended_at < now() - ${olderThanMs} * interval '1 millisecond'
      and output_expired_at is not null and not output_expiring and deleted_at is null
    order by ended_at
    limit 1
    for update skip locked
  `.execute(connection)
  const due = rows[0]
  if (due === undefined) return undefined
  return { ...due, isRemoved: await deleteStep(connection, due.id) }
}

/** Executions that users deleted and that are not completely removed. */
export async function listMarkedExecutions(connection: Connection): Promise<ExecutionId[]> {
  const rows = await connection.selectFrom('executions').select('id').where('deleted_at', 'is not', null).execute()
  return rows.map(({ id }) => id as ExecutionId)
}

/**
 * Removes some tasks of an execution that a user deleted, and the execution itself after its last
 * task. Returns undefined if it does not exist or another server is removing it. Call it in a
 * transaction.
 */
export async function deleteMarkedExecution(
  connection: Connection,
  id: ExecutionId,
): Promise<ExpiredExecution | undefined> {
  const { rows } = await sql<{ id: ExecutionId; accountId: AccountId }>`
    select id, account_id as "accountId" from executions where id = ${id} and deleted_at is not null for update skip locked
  `.execute(connection)
  const [marked] = rows
  if (marked === undefined) return undefined
  return { ...marked, isRemoved: await deleteStep(connection, id) }
}

/** Returns whether the execution is completely removed. */
async function deleteStep(connection: Connection, id: ExecutionId): Promise<boolean> {
  if ((await deleteSomeTasks(connection, id)) > 0) return false
  await connection.deleteFrom('executions').where('id', '=', id).execute()
  return true
}

/** Invocations first: a task without them was interrupted here. */
async function deleteSomeTasks(connection: Connection, id: ExecutionId): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    with picked as (
      select id from invocations where execution_id = ${id} limit ${taskRowsPerStep}
    ), late as (
      -- What an agent reported after the output had expired.
      delete from output_chunks c using picked p where c.invocation_id = p.id
    ), attempts as (
      delete from invocations i using picked p where i.id = p.id returning 1
    ), changes as (
      delete from state_changes where execution_id = ${id} and not exists (select from picked) and (instance_id, extension_id) in (
        select instance_id, extension_id from state_changes where execution_id = ${id} limit ${taskRowsPerStep}
      )
      returning 1
    ), tasks as (
      delete from task_executions where execution_id = ${id} and not exists (select from picked) and ordinal in (
        select ordinal from task_executions where execution_id = ${id} limit ${taskRowsPerStep}
      )
      returning 1
    )
    select (select count(*) from attempts) + (select count(*) from changes) + (select count(*) from tasks) as n
  `.execute(connection)
  return rows[0]?.n ?? 0
}
