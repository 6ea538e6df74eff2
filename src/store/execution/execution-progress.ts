import { sql } from 'kysely'
import type { AccountId, ExecutionId, InstanceId } from '../../core/id.ts'
import type { Connection } from '../database/database.ts'

/** When the last attempts of tasks ended; the index invocations_by_end limits the cost. */
export async function listLastEnds(connection: Connection, executionId: ExecutionId, limit: number): Promise<Date[]> {
  const { rows } = await sql<{ endedAt: Date }>`
    select ended_at as "endedAt" from invocations
    where execution_id = ${executionId} and ended_at is not null
    order by ended_at desc
    limit ${limit}
  `.execute(connection)
  return rows.map(({ endedAt }) => endedAt)
}

export interface WaitsFor {
  readonly executionId: ExecutionId
  readonly count: number
  /** One of the instances that it holds. */
  readonly instanceId: InstanceId
}

/**
 * Other executions that lock instances for which tasks of this one wait, and how many instances
 * each.
 */
export async function listWaitsFor(
  connection: Connection,
  accountId: AccountId,
  executionId: ExecutionId,
  limit: number,
): Promise<WaitsFor[]> {
  const { rows } = await sql<WaitsFor>`
    select w.waits_for as "executionId", count(*) as count, min(w.instance_id) as "instanceId"
    from mutation_waits w join executions e on e.id = w.execution_id
    where w.execution_id = ${executionId} and e.account_id = ${accountId}
    group by w.waits_for
    order by 2 desc, 1
    limit ${limit}
  `.execute(connection)
  return rows
}
