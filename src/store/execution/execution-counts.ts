import { sql } from 'kysely'
import type { AccountId, ExtensionId } from '../../core/id.ts'
import type { Connection } from '../database/database.ts'

/**
 * Increments the execution count of these extensions, except deleted ones. Call it last in a
 * transaction, because it locks the rows until the end.
 */
export async function updateExecutionCounts(
  connection: Connection,
  accountId: AccountId,
  extensionIds: readonly ExtensionId[],
): Promise<void> {
  await sql`
    insert into extension_execution_counts as c (extension_id, account_id, started)
    select id, ${accountId}::text, 1 from extensions where id = any(${extensionIds}::text[]) order by id
    on conflict (extension_id) do update set started = c.started + 1
  `.execute(connection)
}
