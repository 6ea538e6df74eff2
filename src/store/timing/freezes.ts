import type { Selectable } from 'kysely'
import type { AccountId } from '../../core/id.ts'
import type { Connection, Schema } from '../database/database.ts'

export type FreezeRow = Selectable<Schema['freezes']>

/** The freezes of an account that have not ended, the first to begin first. */
export async function listFreezes(connection: Connection, accountId: AccountId, now: Date): Promise<FreezeRow[]> {
  return await connection
    .selectFrom('freezes')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('ends_at', '>', now)
    .orderBy('begins_at')
    .orderBy('name')
    .limit(1_000)
    .execute()
}

/** False if the account has a freeze with this name; an ended one is replaced. */
export async function insertFreeze(
  connection: Connection,
  freeze: Omit<FreezeRow, 'created_at'>,
  now: Date,
): Promise<boolean> {
  await connection
    .deleteFrom('freezes')
    .where('account_id', '=', freeze.account_id)
    .where('name', '=', freeze.name)
    .where('ends_at', '<=', now)
    .execute()
  const inserted = await connection
    .insertInto('freezes')
    .values(freeze)
    .onConflict((conflict) => conflict.columns(['account_id', 'name']).doNothing())
    .returning('id')
    .executeTakeFirst()
  return inserted !== undefined
}

/** Changes a freeze that has not ended. Undefined if the account has none with this name. */
export async function updateFreeze(
  connection: Connection,
  { account_id: accountId, name }: Pick<FreezeRow, 'account_id' | 'name'>,
  times: { readonly begins_at?: Date; readonly ends_at: Date },
  now: Date,
): Promise<FreezeRow | undefined> {
  return await connection
    .updateTable('freezes')
    .set(times)
    .where('account_id', '=', accountId)
    .where('name', '=', name)
    .where('ends_at', '>', now)
    .returningAll()
    .executeTakeFirst()
}

/** False if the account has no such freeze. */
export async function deleteFreeze(connection: Connection, accountId: AccountId, name: string): Promise<boolean> {
  const { numDeletedRows } = await connection
    .deleteFrom('freezes')
    .where('account_id', '=', accountId)
    .where('name', '=', name)
    .executeTakeFirst()
  return numDeletedRows > 0n
}
