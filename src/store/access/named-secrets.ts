import type { Selectable } from 'kysely'
import { sql } from 'kysely'
import type { Connection, Schema } from '../database/database.ts'

type SecretRow = Selectable<Schema['secrets']>
/** A secret without its value. */
export type ListedSecretRow = Omit<SecretRow, 'value_sealed'>

/** By name, without values. */
export async function listSecrets(connection: Connection, accountId: string): Promise<ListedSecretRow[]> {
  return await connection
    .selectFrom('secrets')
    .select(['id', 'account_id', 'name', 'created_by', 'created_at', 'updated_by', 'updated_at'])
    .where('account_id', '=', accountId)
    .orderBy('name')
    .execute()
}

export async function listSealedSecrets(
  connection: Connection,
  accountId: string,
  names: readonly string[],
): Promise<Pick<SecretRow, 'id' | 'name' | 'value_sealed'>[]> {
  return await connection
    .selectFrom('secrets')
    .select(['id', 'name', 'value_sealed'])
    .where('account_id', '=', accountId)
    .where('name', 'in', [...names])
    .execute()
}

/** Locked until the transaction ends; undefined if there is none. */
export async function lockSecret(
  connection: Connection,
  accountId: string,
  name: string,
): Promise<ListedSecretRow | undefined> {
  return await connection
    .selectFrom('secrets')
    .select(['id', 'account_id', 'name', 'created_by', 'created_at', 'updated_by', 'updated_at'])
    .where('account_id', '=', accountId)
    .where('name', '=', name)
    .forUpdate()
    .executeTakeFirst()
}

export async function insertSecret(
  connection: Connection,
  secret: Pick<SecretRow, 'id' | 'account_id' | 'name' | 'value_sealed' | 'created_by' | 'updated_by'>,
): Promise<void> {
  await connection.insertInto('secrets').values(secret).execute()
}

export async function updateSecret(
  connection: Connection,
  id: string,
  { value_sealed: sealed, updated_by: by }: Pick<SecretRow, 'value_sealed' | 'updated_by'>,
): Promise<void> {
  await connection
    .updateTable('secrets')
    .set({ value_sealed: sealed, updated_by: by, updated_at: sql`now()` })
    .where('id', '=', id)
    .execute()
}

export async function deleteSecret(connection: Connection, id: string): Promise<void> {
  await connection.deleteFrom('secrets').where('id', '=', id).execute()
}

/** What refers to a secret by its name: an assignment, or the values of a group, a tag or an instance. */
interface SecretUser {
  readonly kind: 'assignment' | 'group' | 'tag' | 'instance'
  readonly name: string
}

export async function listSecretUsers(connection: Connection, accountId: string, name: string): Promise<SecretUser[]> {
  const { rows } = await sql<SecretUser>`
    select 'assignment' as kind, a.name from assignments a, jsonb_each_text(a.parameters) p
    where a.account_id = ${accountId} and p.value = ${`secret:${name}`}
    union
    select v.scope as kind, v.subject as name from declared_values v, jsonb_each_text(v.values) p
    where v.account_id = ${accountId} and p.value = ${`secret:${name}`}
    order by kind, name
  `.execute(connection)
  return rows
}
