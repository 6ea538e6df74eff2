import { sql } from 'kysely'
import type { AccountId } from '../../core/id.ts'
import type { Connection } from '../database/database.ts'

/** The certificate of some host names, and the key of the account at the CA. */
export interface AcmeCertificateRow {
  readonly accountKeySealed: Buffer
  /** PEM, with the intermediate certificates; undefined before the first order. */
  readonly certificate: string | undefined
  readonly privateKeySealed: Buffer | undefined
}

/** The certificate of these names; created without one, with this account key, if it is missing. */
export async function getOrInsertAcmeCertificate(
  connection: Connection,
  accountId: AccountId,
  names: string,
  accountKeySealed: Buffer,
): Promise<AcmeCertificateRow> {
  await sql`
    insert into acme_certificates (account_id, names, account_key_sealed)
    values (${accountId}, ${names}, ${accountKeySealed}) on conflict do nothing
  `.execute(connection)
  return (await getAcmeCertificate(connection, accountId, names))!
}

export async function getAcmeCertificate(
  connection: Connection,
  accountId: AccountId,
  names: string,
): Promise<AcmeCertificateRow | undefined> {
  const row = await connection
    .selectFrom('acme_certificates')
    .select(['account_key_sealed', 'certificate', 'private_key_sealed'])
    .where('account_id', '=', accountId)
    .where('names', '=', names)
    .executeTakeFirst()
  return (
    row && {
      accountKeySealed: row.account_key_sealed,
      certificate: row.certificate ?? undefined,
      privateKeySealed: row.private_key_sealed ?? undefined,
    }
  )
}

/** Reserves an order for this server; false: another server orders, or the next attempt is not due. */
export async function claimAcmeOrder(
  connection: Connection,
  accountId: AccountId,
  names: string,
  claimMs: number,
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update acme_certificates set ordering_until = now() + make_interval(secs => ${claimMs / 1_000})
    where account_id = ${accountId} and names = ${names} and next_attempt_at <= now()
      and (ordering_until is null or ordering_until < now())
  `.execute(connection)
  return numAffectedRows === 1n
}

export async function updateAcmeCertificate(
  connection: Connection,
  accountId: AccountId,
  names: string,
  { certificate, privateKeySealed }: { readonly certificate: string; readonly privateKeySealed: Buffer },
): Promise<void> {
  await sql`
    update acme_certificates
    set certificate = ${certificate}, private_key_sealed = ${privateKeySealed}, ordering_until = null, failures = 0
    where account_id = ${accountId} and names = ${names}
  `.execute(connection)
}

/** Records a failed order. Returns the number of failures in a row. @param delayMsOf delay until the next attempt */
export async function updateAcmeFailure(
  connection: Connection,
  accountId: AccountId,
  names: string,
  delayMsOf: (failures: number) => number,
): Promise<number> {
  const { rows } = await sql<{ failures: number }>`
    update acme_certificates set failures = failures + 1, ordering_until = null
    where account_id = ${accountId} and names = ${names} returning failures
  `.execute(connection)
  const failures = rows[0]?.failures ?? 1
  await sql`
    update acme_certificates set next_attempt_at = now() + make_interval(secs => ${delayMsOf(failures) / 1_000})
    where account_id = ${accountId} and names = ${names}
  `.execute(connection)
  return failures
}

/** Stores the answer to a challenge, and deletes forgotten ones. */
export async function insertAcmeChallenge(
  connection: Connection,
  accountId: AccountId,
  token: string,
  keyAuthorization: string,
): Promise<void> {
  await sql`delete from acme_challenges where created_at < now() - interval '1 day'`.execute(connection)
  await sql`
    insert into acme_challenges (account_id, token, key_authorization)
    values (${accountId}, ${token}, ${keyAuthorization})
    on conflict (account_id, token) do update set key_authorization = excluded.key_authorization
  `.execute(connection)
}

export async function getAcmeChallenge(
  connection: Connection,
  accountId: AccountId,
  token: string,
): Promise<string | undefined> {
  const row = await connection
    .selectFrom('acme_challenges')
    .select('key_authorization')
    .where('account_id', '=', accountId)
    .where('token', '=', token)
    .executeTakeFirst()
  return row?.key_authorization
}

export async function deleteAcmeChallenge(connection: Connection, accountId: AccountId, token: string): Promise<void> {
  await connection
    .deleteFrom('acme_challenges')
    .where('account_id', '=', accountId)
    .where('token', '=', token)
    .execute()
}
