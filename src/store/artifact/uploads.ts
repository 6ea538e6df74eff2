import { sql } from 'kysely'
import type { AccountId } from '../../core/id.ts'
import type { Connection } from '../database/database.ts'

/** A resumable upload as stored. */
export interface UploadRow {
  readonly id: string
  readonly sizeBytes: number
  readonly touchedAt: Date
  /** Set when the upload has become an artifact. */
  readonly sha256: string | null
}

const columns = sql`id, size_bytes as "sizeBytes", touched_at as "touchedAt", sha256`

/** False if the account has `most` unfinished uploads. */
export async function insertUpload(
  connection: Connection,
  upload: {
    readonly id: string
    readonly accountId: AccountId
    readonly createdBy: string
    readonly sizeBytes: number
    readonly at: Date
  },
  most: number,
): Promise<boolean> {
  const { rows } = await sql`
    insert into uploads (id, account_id, created_by, size_bytes, created_at, touched_at)
    select ${upload.id}, ${upload.accountId}, ${upload.createdBy}, ${upload.sizeBytes}, ${upload.at}, ${upload.at}
    where (select count(*) from uploads where account_id = ${upload.accountId} and sha256 is null) < ${most}
    returning id
  `.execute(connection)
  return rows.length === 1
}

/** Resets its age. Undefined if the account has no such upload. */
export async function touchUpload(
  connection: Connection,
  accountId: AccountId,
  id: string,
  at: Date,
): Promise<UploadRow | undefined> {
  const { rows } = await sql<UploadRow>`
    update uploads set touched_at = greatest(touched_at, ${at}) where account_id = ${accountId} and id = ${id}
    returning ${columns}
  `.execute(connection)
  return rows[0]
}

export async function updateUploadFinished(
  connection: Connection,
  accountId: AccountId,
  id: string,
  sha256: string,
): Promise<void> {
  await sql`update uploads set sha256 = ${sha256} where account_id = ${accountId} and id = ${id}`.execute(connection)
}

/** False if the account has no such upload. */
export async function deleteUploadRow(connection: Connection, accountId: AccountId, id: string): Promise<boolean> {
  const { rows } = await sql`
    delete from uploads where account_id = ${accountId} and id = ${id} returning id
  `.execute(connection)
  return rows.length === 1
}

/** Deletes uploads of any account that were not used since then; returns their ids. */
export async function deleteOldUploads(connection: Connection, before: Date): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    delete from uploads where touched_at < ${before} returning id
  `.execute(connection)
  return rows.map(({ id }) => id)
}
