import { sql } from 'kysely'
import type { AccountId } from '../../core/id.ts'
import type { Connection } from '../database/database.ts'

/** Makes the account unless it is there, and locks it until the transaction ends: only one server makes its first key. */
export async function lockOrInsertAccount(
  connection: Connection,
  account: { id: AccountId; name: string },
): Promise<void> {
  // Whichever of its unique columns the other server's row is seen by first; the lock comes with a statement of its own.
  await sql`insert into accounts (id, name) values (${account.id}, ${account.name}) on conflict do nothing`.execute(
    connection,
  )
  await sql`select from accounts where id = ${account.id} for no key update`.execute(connection)
}

export async function listAccountIds(connection: Connection): Promise<AccountId[]> {
  const rows = await connection.selectFrom('accounts').select('id').orderBy('id').execute()
  return rows.map(({ id }) => id as AccountId)
}
