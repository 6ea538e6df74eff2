import { sql } from 'kysely'
import type { AccountId } from '../../core/id.ts'
import type { Connection } from '../database/database.ts'

/**
 * Inserts the account unless it exists, and locks it until the transaction ends, so that only one
 * server creates its first key.
 */
export async function lockOrInsertAccount(
  connection: Connection,
  account: { id: AccountId; name: string },
): Promise<void> {
  // `on conflict` without a target, because another server's row may conflict in any unique column;
  // the next statement takes the lock.
  await sql`insert into accounts (id, name) values (${account.id}, ${account.name}) on conflict do nothing`.execute(
    connection,
  )
  await sql`select from accounts where id = ${account.id} for no key update`.execute(connection)
}

export async function listAccountIds(connection: Connection): Promise<AccountId[]> {
  const rows = await connection.selectFrom('accounts').select('id').orderBy('id').execute()
  return rows.map(({ id }) => id as AccountId)
}
