import type { AccountId } from '../../core/id.ts'
import type { Connection } from '../database/database.ts'

/** `replacement` exists while a replacement of the secret key is unfinished. */
export type SecretKeyPurpose = 'digest' | 'replacement'

/** The sealed key; undefined if there is none. */
export async function getSealedKey(
  connection: Connection,
  accountId: AccountId,
  purpose: SecretKeyPurpose,
): Promise<Buffer | undefined> {
  const row = await connection
    .selectFrom('secret_keys')
    .select('key_sealed')
    .where('account_id', '=', accountId)
    .where('purpose', '=', purpose)
    .executeTakeFirst()
  return row?.key_sealed
}

export async function insertSealedKey(
  connection: Connection,
  accountId: AccountId,
  purpose: SecretKeyPurpose,
  sealed: Buffer,
): Promise<void> {
  await connection.insertInto('secret_keys').values({ account_id: accountId, purpose, key_sealed: sealed }).execute()
}

export async function deleteSealedKey(
  connection: Connection,
  accountId: AccountId,
  purpose: SecretKeyPurpose,
): Promise<void> {
  await connection
    .deleteFrom('secret_keys')
    .where('account_id', '=', accountId)
    .where('purpose', '=', purpose)
    .execute()
}
