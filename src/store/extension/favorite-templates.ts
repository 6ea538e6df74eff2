import { sql } from 'kysely'
import type { AccountId } from '../../core/id.ts'
import type { Connection } from '../database/database.ts'

/** The user whose favorites they are. */
export interface TemplateReader {
  readonly accountId: AccountId
  readonly userName: string
}

export async function insertFavorite(
  connection: Connection,
  { accountId, userName }: TemplateReader,
  name: string,
): Promise<void> {
  await sql`
    insert into favorite_templates (account_id, template_name, user_name) values (${accountId}, ${name}, ${userName})
    on conflict do nothing
  `.execute(connection)
}

export async function deleteFavorite(
  connection: Connection,
  { accountId, userName }: TemplateReader,
  name: string,
): Promise<void> {
  await sql`
    delete from favorite_templates
    where account_id = ${accountId} and template_name = ${name} and user_name = ${userName}
  `.execute(connection)
}

/** Deletes the favorites of all users. */
export async function deleteFavoritesOf(connection: Connection, accountId: AccountId, name: string): Promise<void> {
  await sql`delete from favorite_templates where account_id = ${accountId} and template_name = ${name}`.execute(
    connection,
  )
}

/** Those of the names that the user has marked. */
export async function listFavoriteRows(
  connection: Connection,
  { accountId, userName }: TemplateReader,
  names: readonly string[],
): Promise<Set<string>> {
  const { rows } = await sql<{ name: string }>`
    select template_name as name from favorite_templates
    where account_id = ${accountId} and user_name = ${userName} and template_name = any(${[...names]})
  `.execute(connection)
  return new Set(rows.map(({ name }) => name))
}
