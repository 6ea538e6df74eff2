import { sql } from 'kysely'
import type { AccountId } from '../../core/id.ts'
import type { Connection } from '../database/database.ts'
import type { SessionRow } from './sessions.ts'

/** A user at an identity provider. */
export interface SsoSubject {
  readonly issuer: string
  readonly subject: string
}

/** The name of the user with this subject; undefined: they have not signed in before. */
export async function findSsoUser(
  connection: Connection,
  accountId: AccountId,
  { issuer, subject }: SsoSubject,
): Promise<string | undefined> {
  const { rows } = await sql<{ name: string }>`
    select name from users where account_id = ${accountId} and sso_issuer = ${issuer} and sso_subject = ${subject}
  `.execute(connection)
  return rows[0]?.name
}

/** False if the account has another user with this name. */
export async function insertSsoUser(
  connection: Connection,
  accountId: AccountId,
  { issuer, subject, name, createdAt }: SsoSubject & { readonly name: string; readonly createdAt: Date },
): Promise<boolean> {
  const { rows } = await sql`
    insert into users (account_id, name, description, created_at, sso_issuer, sso_subject)
    values (${accountId}, ${name}, '', ${createdAt}, ${issuer}, ${subject})
    on conflict do nothing
    returning name
  `.execute(connection)
  return rows.length === 1
}

/** Of a user without a password. @param roles that the user's groups give the session */
export async function insertSsoSession(
  connection: Connection,
  session: SessionRow,
  roles: readonly string[],
): Promise<void> {
  await sql`
    insert into sessions (token_hash, account_id, user_name, created_at, last_used_at, expires_at, source, user_agent, roles, sso)
    values (${session.tokenHash}::bytea, ${session.accountId}, ${session.userName}, ${session.createdAt}::timestamptz,
      ${session.lastUsedAt}::timestamptz, ${session.expiresAt}::timestamptz, ${session.source}, ${session.userAgent},
      ${roles}::text[], true)
  `.execute(connection)
}
