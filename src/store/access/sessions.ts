import { sql } from 'kysely'
import type { AccountId } from '../../core/id.ts'
import type { Connection } from '../database/database.ts'

/** A session as stored. */
export interface SessionRow {
  readonly tokenHash: Buffer
  readonly accountId: AccountId
  readonly userName: string
  readonly createdAt: Date
  readonly lastUsedAt: Date
  readonly expiresAt: Date
  /** The remote address that created the session. */
  readonly source: string
  /** The browser's user agent when the session was created. */
  readonly userAgent: string
}

/** With what an identity provider added. */
interface StoredSession extends SessionRow {
  /** From the groups of the user. */
  readonly roles: readonly string[]
  /** It was begun through an identity provider. */
  readonly sso: boolean
}

/** A session as listed: without the hash of its token. */
export type ListedSession = Omit<SessionRow, 'tokenHash' | 'accountId'> & { readonly id: string }

/**
 * False if the user’s password hash is no longer `passwordHash`. Locks the user, so that the
 * password does not change until the transaction ends.
 */
export async function insertSession(
  connection: Connection,
  session: SessionRow,
  passwordHash: string,
): Promise<boolean> {
  const { rows } = await sql`
    with signed_in as (
      select account_id, name from users
      where account_id = ${session.accountId} and name = ${session.userName} and password_hash = ${passwordHash}
      for share
    )
    insert into sessions (token_hash, account_id, user_name, created_at, last_used_at, expires_at, source, user_agent)
    select ${session.tokenHash}::bytea, account_id, name, ${session.createdAt}::timestamptz, ${session.lastUsedAt}::timestamptz,
      ${session.expiresAt}::timestamptz, ${session.source}, ${session.userAgent}
    from signed_in
    returning user_name
  `.execute(connection)
  return rows.length === 1
}

/** Without an account: the token determines it.  */
export async function getSession(connection: Connection, tokenHash: Buffer): Promise<StoredSession | undefined> {
  const { rows } = await sql<StoredSession>`
    select token_hash as "tokenHash", account_id as "accountId", user_name as "userName", created_at as "createdAt",
      last_used_at as "lastUsedAt", expires_at as "expiresAt", source, user_agent as "userAgent", roles, sso
    from sessions where token_hash = ${tokenHash}
  `.execute(connection)
  return rows[0]
}

/** By id, after `after`: sessions that have not ended, of one user or of all. */
export async function listSessionRows(
  connection: Connection,
  accountId: AccountId,
  { user, after = '', limit }: { user?: string | undefined; after?: string | undefined; limit: number },
  { now, idleSince }: { readonly now: Date; readonly idleSince: Date },
): Promise<ListedSession[]> {
  const { rows } = await sql<ListedSession>`
    select id, user_name as "userName", created_at as "createdAt", last_used_at as "lastUsedAt", expires_at as "expiresAt",
      source, user_agent as "userAgent"
    from sessions
    where account_id = ${accountId} and id > ${after} and expires_at > ${now} and last_used_at > ${idleSince}
      and (${user ?? null}::text is null or user_name = ${user ?? null})
    order by id limit ${limit}
  `.execute(connection)
  return rows
}

/** The user of a session; undefined if there is no such session. */
export async function getSessionUser(
  connection: Connection,
  accountId: AccountId,
  id: string,
): Promise<string | undefined> {
  const { rows } = await sql<{ name: string }>`
    select user_name as name from sessions where account_id = ${accountId} and id = ${id}
  `.execute(connection)
  return rows[0]?.name
}

/** False if it does not exist (any more). */
export async function deleteSessionById(connection: Connection, accountId: AccountId, id: string): Promise<boolean> {
  const { numAffectedRows } = await sql`
    delete from sessions where account_id = ${accountId} and id = ${id}
  `.execute(connection)
  return numAffectedRows === 1n
}

/** Stores the last use of a session. */
export async function touchSession(connection: Connection, tokenHash: Buffer, usedAt: Date): Promise<void> {
  await sql`update sessions set last_used_at = ${usedAt} where token_hash = ${tokenHash}`.execute(connection)
}

/** Returns the session's user; undefined if it had ended already. */
export async function deleteSession(
  connection: Connection,
  tokenHash: Buffer,
): Promise<(Pick<SessionRow, 'accountId' | 'userName'> & { readonly id: string }) | undefined> {
  const { rows } = await sql<Pick<SessionRow, 'accountId' | 'userName'> & { readonly id: string }>`
    delete from sessions where token_hash = ${tokenHash} returning account_id as "accountId", user_name as "userName", id
  `.execute(connection)
  return rows[0]
}

/** Deletes all sessions of a user except one; returns how many. */
export async function deleteSessionsOf(
  connection: Connection,
  accountId: AccountId,
  userName: string,
  except: Buffer | undefined,
): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from sessions
    where account_id = ${accountId} and user_name = ${userName} and token_hash is distinct from ${except ?? null}::bytea
  `.execute(connection)
  return Number(numAffectedRows ?? 0)
}

/** Deletes sessions that have expired or have been idle since `idleSince`. */
export async function deleteEndedSessions(connection: Connection, now: Date, idleSince: Date): Promise<void> {
  await sql`delete from sessions where expires_at <= ${now} or last_used_at <= ${idleSince}`.execute(connection)
}

/** Null: the user has none. Undefined: there is no such user. */
export async function getPasswordHash(
  connection: Connection,
  accountId: AccountId,
  userName: string,
): Promise<string | null | undefined> {
  const { rows } = await sql<{ hash: string | null }>`
    select password_hash as hash from users where account_id = ${accountId} and name = ${userName}
  `.execute(connection)
  return rows[0]?.hash
}

/** Stores a user's password hash. */
export async function updatePasswordHash(
  connection: Connection,
  accountId: AccountId,
  userName: string,
  hash: string,
): Promise<void> {
  await sql`
    update users set password_hash = ${hash} where account_id = ${accountId} and name = ${userName}
  `.execute(connection)
}
