import { sql } from 'kysely'
import type { ObjectFilter } from '../../core/access/object-filter.ts'
import type { AccountId, ExecutionId, InstanceId } from '../../core/id.ts'
import { andCondition, permittedCondition } from '../access/object-labels.ts'
import type { Connection } from '../database/database.ts'
import { type NarrowExecutionRow, narrowColumns } from '../execution/executions.ts'
import type { TaskRow } from '../task/task-executions.ts'

export interface HistoryRow {
  readonly execution: NarrowExecutionRow
  readonly task: TaskRow
}

/** The tasks of an instance, newest execution first, after a position. */
export async function listInstanceHistory(
  connection: Connection,
  accountId: AccountId,
  instanceId: InstanceId,
  page: {
    /** The executions that the reader may see; absent: all. */
    readonly permitted?: ObjectFilter | undefined
    readonly after?: { readonly createdAt: Date; readonly id: string } | undefined
    readonly limit: number
  },
): Promise<HistoryRow[]> {
  const { permitted, after, limit } = page
  const { rows: tasks } = await sql<TaskRow>`
    select t.* from task_executions t join executions e on e.id = t.execution_id
    where t.instance_id = ${instanceId} and e.account_id = ${accountId} and e.deleted_at is null
      ${andCondition(permittedCondition('execution', permitted))}
      ${after ? sql`and (e.created_at, e.id) < (${after.createdAt}, ${after.id})` : sql``}
    order by e.created_at desc, e.id desc
    limit ${limit}
  `.execute(connection)
  const executions = await listByIds(
    connection,
    accountId,
    tasks.map(({ execution_id }) => execution_id),
  )
  return tasks.flatMap((task) => {
    const execution = executions.get(task.execution_id)
    return execution ? [{ execution, task }] : []
  })
}

async function listByIds(
  connection: Connection,
  accountId: AccountId,
  ids: readonly ExecutionId[],
): Promise<Map<ExecutionId, NarrowExecutionRow>> {
  const { rows } = await sql<NarrowExecutionRow>`
    select ${sql.join(narrowColumns.map((name) => sql.ref(name)))} from executions
    where account_id = ${accountId} and id = any(${ids})
  `.execute(connection)
  return new Map(rows.map((row) => [row.id, row]))
}
