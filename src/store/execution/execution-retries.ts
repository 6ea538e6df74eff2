import { sql } from 'kysely'
import type { AccountId, ExecutionId } from '../../core/id.ts'
import type { Connection } from '../database/database.ts'

/** The first execution of a chain of retries; a deleted execution breaks the chain. */
const rootOf = (accountId: AccountId, id: ExecutionId) => sql`(
  with recursive ancestors as (
    select id, retry_of, 0 as depth from executions where id = ${id} and account_id = ${accountId}
    union all
    select e.id, e.retry_of, a.depth + 1 from ancestors a
    join executions e on e.id = a.retry_of and e.account_id = ${accountId}
  )
  select id from ancestors order by depth desc limit 1
)`

/** Serialises the start of retries of one chain. */
export async function lockRetries(connection: Connection, accountId: AccountId, id: ExecutionId): Promise<void> {
  await sql`select from executions where id = ${rootOf(accountId, id)} for update`.execute(connection)
}

/** An execution of the same chain of retries that has not ended and has one of these instances. */
export async function getOpenRetry(
  connection: Connection,
  accountId: AccountId,
  id: ExecutionId,
  instanceIds: readonly string[],
): Promise<ExecutionId | undefined> {
  const { rows } = await sql<{ id: ExecutionId }>`
    with recursive family as (
      select ${rootOf(accountId, id)} as id
      union
      select e.id from family f join executions e on e.retry_of = f.id and e.account_id = ${accountId}
    )
    select e.id from family join executions e using (id)
    where e.ended_at is null
      and exists (select from task_executions t where t.execution_id = e.id and t.instance_id = any(${instanceIds}))
    order by e.created_at
    limit 1
  `.execute(connection)
  return rows[0]?.id
}
