import { sql } from 'kysely'
import type { AccessKeyId, AccountId } from '../../core/id.ts'
import type { Connection } from '../database/database.ts'

export const accessKeyKinds = ['native', 'oos'] as const
export type AccessKeyKind = (typeof accessKeyKinds)[number]

/** An access key without its secret. */
export interface AccessKey {
  readonly id: AccessKeyId
  readonly accountId: AccountId
  readonly userName: string
  /** `native`: the server has a hash of the secret. `oos`: it has the secret, encrypted, and can verify signatures. */
  readonly kind: AccessKeyKind
  readonly description: string
  readonly createdAt: Date
  readonly disabledAt: Date | undefined
  /** The key is rejected from then on. */
  readonly expiresAt: Date | undefined
  /** May lag by some seconds, because uses are written in batches. */
  readonly lastUsedAt: Date | undefined
  readonly lastUsedFrom: string | undefined
}

/** A use of an access key. */
export interface KeyUse {
  readonly id: string
  readonly at: Date
  readonly from: string
}

/** The secret as stored: its hash, or sealed for the context `access-key/<id>`. */
export type StoredSecret =
  | { readonly kind: 'native'; readonly hash: string }
  | { readonly kind: 'oos'; readonly sealed: Buffer }

export type AccessKeyWithSecret = AccessKey & { readonly secret: StoredSecret }

/** The only query of the registry without an account: the key determines the account. */
export async function getAccessKey(connection: Connection, id: string): Promise<AccessKeyWithSecret | undefined> {
  const row = await connection.selectFrom('access_keys').selectAll().where('id', '=', id).executeTakeFirst()
  if (!row) return undefined
  const { secret_hash: hash, secret_sealed: sealed } = row
  if (hash !== null) return { ...present(row), secret: { kind: 'native', hash } }
  if (sealed === null) throw new Error(`the access key ${id} has no secret`)
  return { ...present(row), secret: { kind: 'oos', sealed } }
}

/** By id, after `after`; those of one user, if given. */
export async function listAccessKeyRows(
  connection: Connection,
  accountId: AccountId,
  { user, after = '', limit }: { user?: string | undefined; after?: string | undefined; limit: number },
): Promise<AccessKey[]> {
  const all = connection
    .selectFrom('access_keys')
    .select([...shown])
    .where('account_id', '=', accountId)
    .where('id', '>', after)
  const rows = await (user === undefined ? all : all.where('user_name', '=', user)).orderBy('id').limit(limit).execute()
  return rows.map(present)
}

/** Counts keys that are usable at that time, of the whole account or of one user. */
export async function countUsableAccessKeys(
  connection: Connection,
  accountId: AccountId,
  now: Date,
  user?: string,
): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from access_keys
    where account_id = ${accountId} and disabled_at is null
      and (expires_at is null or expires_at > ${now}) and user_name = coalesce(${user ?? null}, user_name)
  `.execute(connection)
  return rows[0]!.count
}

/** Undefined if the account has no such key. */
export async function deleteAccessKeyRow(
  connection: Connection,
  accountId: AccountId,
  id: string,
): Promise<AccessKey | undefined> {
  const row = await connection
    .deleteFrom('access_keys')
    .where('account_id', '=', accountId)
    .where('id', '=', id)
    .returning([...shown])
    .executeTakeFirst()
  return row && present(row)
}

/** Stores when keys were used last; an earlier use than the stored one changes nothing. */
export async function updateLastUses(connection: Connection, uses: readonly KeyUse[]): Promise<void> {
  await sql`
    update access_keys k set last_used_at = u.at, last_used_from = u.source
    from unnest(${uses.map(({ id }) => id)}::text[], ${uses.map(({ at }) => at)}::timestamptz[],
      ${uses.map(({ from }) => from)}::text[]) as u (id, at, source)
    where k.id = u.id and (k.last_used_at is null or k.last_used_at < u.at)
  `.execute(connection)
}

/** Deletes all keys of a user, enabled or not; returns their ids. */
export async function deleteAccessKeysOf(
  connection: Connection,
  accountId: AccountId,
  user: string,
): Promise<string[]> {
  const rows = await connection
    .deleteFrom('access_keys')
    .where('account_id', '=', accountId)
    .where('user_name', '=', user)
    .returning('id')
    .execute()
  return rows.map(({ id }) => id)
}

/** False if any account has a key with this id. */
export async function insertAccessKey(
  connection: Connection,
  key: Omit<AccessKeyWithSecret, 'kind' | 'disabledAt' | 'lastUsedAt' | 'lastUsedFrom'>,
): Promise<boolean> {
  const result = await connection
    .insertInto('access_keys')
    .values({
      id: key.id,
      account_id: key.accountId,
      user_name: key.userName,
      secret_sealed: key.secret.kind === 'oos' ? key.secret.sealed : null,
      secret_hash: key.secret.kind === 'native' ? key.secret.hash : null,
      description: key.description,
      created_at: key.createdAt,
      expires_at: key.expiresAt ?? null,
    })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .executeTakeFirst()
  return result.numInsertedOrUpdatedRows === 1n
}

/** Replaces the encrypted secret of a key by its hash. Undefined if the account has no such key. */
export async function hashAccessKeyRow(
  connection: Connection,
  accountId: AccountId,
  id: string,
  hash: string,
): Promise<AccessKey | undefined> {
  const row = await connection
    .updateTable('access_keys')
    .set({ secret_sealed: null, secret_hash: hash })
    .where('account_id', '=', accountId)
    .where('id', '=', id)
    .returning([...shown])
    .executeTakeFirst()
  return row && present(row)
}

/** `disabledAt` null enables the key again. Undefined if the account has no such key. */
export async function updateAccessKeyDisabled(
  connection: Connection,
  accountId: AccountId,
  id: string,
  disabledAt: Date | null,
): Promise<AccessKey | undefined> {
  const row = await connection
    .updateTable('access_keys')
    .set({ disabled_at: disabledAt })
    .where('account_id', '=', accountId)
    .where('id', '=', id)
    .returning([...shown])
    .executeTakeFirst()
  return row && present(row)
}

/** All columns except the secret. */
const shown = [
  'id',
  'account_id',
  'user_name',
  'description',
  'created_at',
  'disabled_at',
  'expires_at',
  'last_used_at',
  'last_used_from',
  'secret_hash',
] as const

const present = (row: {
  id: string
  account_id: string
  user_name: string
  description: string
  created_at: Date
  disabled_at: Date | null
  expires_at: Date | null
  last_used_at: Date | null
  last_used_from: string | null
  secret_hash: string | null
}): AccessKey => ({
  id: row.id as AccessKeyId,
  accountId: row.account_id as AccountId,
  userName: row.user_name,
  kind: row.secret_hash === null ? 'oos' : 'native',
  description: row.description,
  createdAt: row.created_at,
  disabledAt: row.disabled_at ?? undefined,
  expiresAt: row.expires_at ?? undefined,
  lastUsedAt: row.last_used_at ?? undefined,
  lastUsedFrom: row.last_used_from ?? undefined,
})
