import { sql } from 'kysely'
import type { AccountId } from '../../core/id.ts'
import type { Connection } from '../database/database.ts'

/** A CA of the servers; certificates are PEM. */
export interface CertificateAuthorityRow {
  /** 1, 2, …: the highest one issues certificates. */
  readonly ordinal: number
  readonly certificate: string
  /** The same CA, certified by its predecessor; undefined for the first one. */
  readonly crossCertificate: string | undefined
  readonly privateKeySealed: Buffer
  readonly createdAt: Date
  /** Until then agents keep the predecessor. */
  readonly overlapEndsAt: Date
}

/** All CAs, the newest first. */
export async function listCertificateAuthorities(
  connection: Connection,
  accountId: AccountId,
): Promise<CertificateAuthorityRow[]> {
  const { rows } = await sql<Omit<CertificateAuthorityRow, 'crossCertificate'> & { crossCertificate: string | null }>`
    select ordinal, certificate, cross_certificate as "crossCertificate", private_key_sealed as "privateKeySealed",
      created_at as "createdAt", overlap_ends_at as "overlapEndsAt"
    from certificate_authorities where account_id = ${accountId} order by ordinal desc
  `.execute(connection)
  return rows.map((row) => ({ ...row, crossCertificate: row.crossCertificate ?? undefined }))
}

/** Adds the newest CA; fails if another server has added one with this ordinal. */
export async function insertCertificateAuthority(
  connection: Connection,
  accountId: AccountId,
  row: CertificateAuthorityRow,
): Promise<void> {
  await sql`
    insert into certificate_authorities
      (account_id, ordinal, certificate, cross_certificate, private_key_sealed, created_at, overlap_ends_at)
    values (${accountId}, ${row.ordinal}, ${row.certificate}, ${row.crossCertificate ?? null}, ${row.privateKeySealed},
      ${row.createdAt}, ${row.overlapEndsAt})
  `.execute(connection)
}
