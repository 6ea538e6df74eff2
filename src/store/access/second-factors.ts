import { sql } from 'kysely'
import type { AccountId } from '../../core/id.ts'
import type { Connection } from '../database/database.ts'

/** The authenticator app of a user as stored. */
export interface SecondFactorRow {
  /** Random; the secret is sealed for it. */
  readonly id: string
  readonly secretSealed: Buffer
  readonly createdAt: Date
  /** Null: the user has not entered a first code yet. */
  readonly confirmedAt: Date | null
}

/** A user of an account. */
export interface FactorOwner {
  readonly accountId: AccountId
  readonly userName: string
}

/** The user's authenticator app, confirmed or not. */
export async function getSecondFactor(
  connection: Connection,
  { accountId, userName }: FactorOwner,
): Promise<SecondFactorRow | undefined> {
  const { rows } = await sql<SecondFactorRow>`
    select id, secret_sealed as "secretSealed", created_at as "createdAt", confirmed_at as "confirmedAt"
    from second_factors where account_id = ${accountId} and user_name = ${userName}
  `.execute(connection)
  return rows[0]
}

/** Replaces one that is not confirmed. False if there is a confirmed one. */
export async function putPendingSecondFactor(
  connection: Connection,
  { accountId, userName }: FactorOwner,
  { id, secretSealed, createdAt }: Omit<SecondFactorRow, 'confirmedAt'>,
): Promise<boolean> {
  const { rows } = await sql`
    insert into second_factors (account_id, user_name, id, secret_sealed, created_at)
    values (${accountId}, ${userName}, ${id}, ${secretSealed}, ${createdAt})
    on conflict (account_id, user_name) do update
    set id = excluded.id, secret_sealed = excluded.secret_sealed, created_at = excluded.created_at, last_step = 0
    where second_factors.confirmed_at is null
    returning id
  `.execute(connection)
  return rows.length === 1
}

/** False if it is another one meanwhile, or confirmed already. */
export async function confirmSecondFactor(
  connection: Connection,
  { accountId, userName }: FactorOwner,
  { id, step, confirmedAt }: { readonly id: string; readonly step: number; readonly confirmedAt: Date },
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update second_factors set confirmed_at = ${confirmedAt}, last_step = ${step}
    where account_id = ${accountId} and user_name = ${userName} and id = ${id} and confirmed_at is null
  `.execute(connection)
  return numAffectedRows === 1n
}

/** Uses the code of a time step. False if that code, or a later one, was used before. */
export async function useFactorStep(
  connection: Connection,
  { accountId, userName }: FactorOwner,
  { id, step }: { readonly id: string; readonly step: number },
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update second_factors set last_step = ${step}
    where account_id = ${accountId} and user_name = ${userName} and id = ${id} and last_step < ${step}
  `.execute(connection)
  return numAffectedRows === 1n
}

/** Stores the hashes of new recovery codes. */
export async function insertRecoveryCodes(
  connection: Connection,
  { accountId, userName }: FactorOwner,
  hashes: readonly Buffer[],
): Promise<void> {
  await sql`
    insert into recovery_codes (account_id, user_name, code_hash)
    select ${accountId}, ${userName}, hash from unnest(${hashes}::bytea[]) as hash
  `.execute(connection)
}

/** Deletes a recovery code. False if there is none: each works once. */
export async function useRecoveryCode(
  connection: Connection,
  { accountId, userName }: FactorOwner,
  hash: Buffer,
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    delete from recovery_codes where account_id = ${accountId} and user_name = ${userName} and code_hash = ${hash}
  `.execute(connection)
  return numAffectedRows === 1n
}

/** How many recovery codes the user has left. */
export async function countRecoveryCodes(
  connection: Connection,
  { accountId, userName }: FactorOwner,
): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from recovery_codes where account_id = ${accountId} and user_name = ${userName}
  `.execute(connection)
  return rows[0]?.count ?? 0
}

/** With its recovery codes. False if the user has none. */
export async function deleteSecondFactor(
  connection: Connection,
  { accountId, userName }: FactorOwner,
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    delete from second_factors where account_id = ${accountId} and user_name = ${userName}
  `.execute(connection)
  return numAffectedRows === 1n
}
