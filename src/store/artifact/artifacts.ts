import { sql } from 'kysely'
import type { AccountId } from '../../core/id.ts'
import type { Connection, Database } from '../database/database.ts'

/**
 * The artifacts that each account has uploaded. The row is inserted before the bytes are stored;
 * readers must handle a row without bytes (after a crash in between). It is deleted before the bytes
 * are removed, and a row in `artifact_removals` remains until they are. `created_at` is when the account last uploaded the artifact or asked
 * whether it has to.
 */

/** Locks an artifact until the transaction ends, whether or not a row exists. */
export async function lockArtifact(connection: Connection, sha256: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`artifact ${sha256}`}, 0))`.execute(connection)
}

/**
 * Runs `work` while this session holds the lock of an artifact, without an open transaction: `work` may
 * wait for the network. `lockArtifact` waits for it, and the other way round.
 */
export const whileArtifactLocked = <Result>(
  database: Database,
  sha256: string,
  work: (connection: Database) => Promise<Result>,
): Promise<Result> =>
  database.connection().execute(async (connection) => {
    const key = sql`hashtextextended(${`artifact ${sha256}`}, 0)`
    await sql`select pg_advisory_lock(${key})`.execute(connection)
    try {
      return await work(connection)
    } finally {
      await sql`select pg_advisory_unlock(${key})`.execute(connection)
    }
  })

/**
 * @returns whether the account had it before
 */
export async function insertArtifact(
  connection: Connection,
  accountId: AccountId,
  artifact: { readonly sha256: string; readonly sizeBytes: number },
  at: Date,
): Promise<boolean> {
  const updated = await updateArtifactAge(connection, accountId, artifact.sha256, at)
  if (updated !== undefined) return true
  await sql`
    insert into artifacts (account_id, sha256, size_bytes, created_at)
    values (${accountId}, ${artifact.sha256}, ${artifact.sizeBytes}, ${at})
  `.execute(connection)
  return false
}

/**
 * Resets its age, which protects it from garbage collection. Undefined if the account has not
 * uploaded it.
 */
export async function updateArtifactAge(
  connection: Connection,
  accountId: AccountId,
  sha256: string,
  at: Date,
): Promise<{ sizeBytes: number } | undefined> {
  const { rows } = await sql<{ sizeBytes: number }>`
    update artifacts set created_at = greatest(created_at, ${at})
    where account_id = ${accountId} and sha256 = ${sha256}
    returning size_bytes as "sizeBytes"
  `.execute(connection)
  return rows[0]
}

/**
 * Returns those of these artifacts that the account has uploaded. They cannot be collected until
 * the transaction ends, which may insert references to them.
 */
export async function lockArtifactsForUse(
  connection: Connection,
  accountId: AccountId,
  sha256s: readonly string[],
): Promise<Map<string, { sizeBytes: number }>> {
  const { rows } = await sql<{ sha256: string; sizeBytes: number }>`
    select sha256, size_bytes as "sizeBytes" from artifacts
    where account_id = ${accountId} and sha256 = any(${sha256s})
    order by sha256
    for key share
  `.execute(connection)
  return new Map(rows.map(({ sha256, sizeBytes }) => [sha256, { sizeBytes }]))
}

/**
 * Artifacts of any account that no version and no object of any account references and that are
 * older than `before` in every account; at most 1,000, by sha256.
 */
export async function listUnusedArtifacts(connection: Connection, before: Date, after: string): Promise<string[]> {
  const { rows } = await sql<{ sha256: string }>`
    with used as materialized (
      select distinct jsonb_path_query(configurations, '$[*].artifact.sha256') #>> '{}' as sha256
      from extension_versions
      union select sha256 from objects
    )
    select sha256 from artifacts
    where sha256 > ${after} and sha256 not in (select sha256 from used)
    group by sha256
    having max(created_at) < ${before}
    order by sha256
    limit 1000
  `.execute(connection)
  return rows.map(({ sha256 }) => sha256)
}

/**
 * Deletes the rows of an artifact in all accounts if `listUnusedArtifacts` would still return it;
 * returns whether it did. Call it in a transaction, within `whileArtifactLocked`.
 */
export async function deleteUnusedArtifact(connection: Connection, sha256: string, before: Date): Promise<boolean> {
  // Three statements, because each sees only what was committed before it began: the locks have to
  // be acquired before the check.
  await sql`select 1 from artifacts where sha256 = ${sha256} for update`.execute(connection)
  const { rows } = await sql<{ unused: boolean }>`
    select
      not exists (select 1 from artifacts where sha256 = ${sha256} and created_at >= ${before})
      and not exists (
        select 1 from extension_versions
        where configurations @> jsonb_build_array(jsonb_build_object('artifact', jsonb_build_object('sha256', ${sha256}::text)))
      )
      and not exists (select 1 from artifacts a join objects o using (account_id, sha256) where a.sha256 = ${sha256}) as unused
  `.execute(connection)
  if (!rows[0]?.unused) return false
  await sql`
    with removal as (insert into artifact_removals (sha256) values (${sha256}) on conflict do nothing)
    delete from artifacts where sha256 = ${sha256}
  `.execute(connection)
  return true
}

/** Artifacts whose rows are deleted and whose bytes may still exist; at most 1,000, by sha256. */
export async function listArtifactRemovals(connection: Connection, after: string): Promise<string[]> {
  const { rows } = await sql<{ sha256: string }>`
    select sha256 from artifact_removals where sha256 > ${after} order by sha256 limit 1000
  `.execute(connection)
  return rows.map(({ sha256 }) => sha256)
}

/** Whether no account has the artifact: an upload after its removal began inserted a row. */
export async function isArtifactGone(connection: Connection, sha256: string): Promise<boolean> {
  const { rows } = await sql<{ gone: boolean }>`
    select not exists (select 1 from artifacts where sha256 = ${sha256}) as gone
  `.execute(connection)
  return rows[0]?.gone ?? false
}

export async function deleteArtifactRemoval(connection: Connection, sha256: string): Promise<void> {
  await sql`delete from artifact_removals where sha256 = ${sha256}`.execute(connection)
}
