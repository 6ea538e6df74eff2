import { sql } from 'kysely'
import type { AccountId } from '../core/id.ts'
import type { Connection } from './database.ts'

/** Makes the account unless it is there, and locks it until the transaction ends: only one server makes its first key. */
export async function lockOrInsertAccount(
  connection: Connection,
  account: { id: AccountId; name: string },
): Promise<void> {
  await sql`
    insert into accounts (id, name) values (${account.id}, ${account.name})
    on conflict (id) do update set name = accounts.name
  `.execute(connection)
}
