import { sql } from 'kysely'
import type { AccountId } from '../../core/id.ts'
import type { Connection } from '../database/database.ts'

/**
 * False if this key has used this nonce before. Kept for `keptMs` by the database's clock, which
 * all servers share.
 */
export async function insertRequestNonce(
  connection: Connection,
  accountId: AccountId,
  { accessKeyId, nonce, keptMs }: { readonly accessKeyId: string; readonly nonce: string; readonly keptMs: number },
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    insert into request_nonces (account_id, access_key_id, nonce, expires_at)
    values (${accountId}, ${accessKeyId}, ${nonce}, now() + ${keptMs} * interval '1 millisecond')
    on conflict do nothing
  `.execute(connection)
  return numAffectedRows === 1n
}

/** Returns the number of deleted rows. */
export async function deleteExpiredRequestNonces(connection: Connection, accountId: AccountId): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from request_nonces where account_id = ${accountId} and expires_at < now()
  `.execute(connection)
  return Number(numAffectedRows ?? 0)
}
