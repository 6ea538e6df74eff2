import { sql } from 'kysely'
import type { AccountId } from '../../core/id.ts'
import type { Connection } from '../database/database.ts'

/** A signature over bytes, by one key, for one purpose. */
export interface SignatureRow {
  /** Of the signed bytes, in lower-case hex. */
  readonly subjectSha256: string
  readonly namespace: string
  /** `SHA256:…`, as `ssh-keygen -l` prints it. */
  readonly keyFingerprint: string
  /** Type and base64. */
  readonly publicKey: string
  /** As `ssh-keygen -Y sign` made it. */
  readonly signature: string
  readonly createdAt: Date
  readonly createdBy: string
}

/** A second signature with the same key for the same purpose replaces the first. */
export async function upsertSignature(connection: Connection, accountId: AccountId, row: SignatureRow): Promise<void> {
  await sql`
    insert into signatures
      (account_id, subject_sha256, namespace, key_fingerprint, public_key, signature, created_at, created_by)
    values (${accountId}, ${row.subjectSha256}, ${row.namespace}, ${row.keyFingerprint}, ${row.publicKey}, ${row.signature},
      ${row.createdAt}, ${row.createdBy})
    on conflict (account_id, subject_sha256, namespace, key_fingerprint)
      do update set signature = excluded.signature, created_at = excluded.created_at, created_by = excluded.created_by
  `.execute(connection)
}

/** Of some subjects, the oldest first. */
export async function listSignatures(
  connection: Connection,
  accountId: AccountId,
  subjects: readonly string[],
): Promise<SignatureRow[]> {
  if (subjects.length === 0) return []
  const { rows } = await sql<SignatureRow>`
    select subject_sha256 as "subjectSha256", namespace, key_fingerprint as "keyFingerprint", public_key as "publicKey",
      signature, created_at as "createdAt", created_by as "createdBy"
    from signatures
    where account_id = ${accountId} and subject_sha256 = any(${subjects}::text[])
    order by created_at, key_fingerprint
  `.execute(connection)
  return rows
}

export async function countSignatures(
  connection: Connection,
  accountId: AccountId,
  subjectSha256: string,
): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from signatures where account_id = ${accountId} and subject_sha256 = ${subjectSha256}
  `.execute(connection)
  return rows[0]!.count
}
