import { sql } from 'kysely'
import type { ChainPlace } from '../../core/access/audit-chain.ts'
import type { AccountId } from '../../core/id.ts'
import type { Connection } from '../database/database.ts'
import type { AuditRow } from './audit-log.ts'

/** An entry as it is hashed and exported. */
export type ChainableRow = Omit<AuditRow, 'at'>
export type ChainedRow = ChainableRow & ChainPlace

/** The place before the first kept entry, and the last one. */
export interface AuditChain {
  readonly first: ChainPlace
  readonly last: ChainPlace
}

const content = sql`id, (extract(epoch from at) * 1000000)::bigint as "atMicros", actor, source, action, resource, detail,
  access_key as "accessKeyId"`

interface ChainRow {
  readonly first_seq: number
  readonly first_hash: string
  readonly last_seq: number
  readonly last_hash: string
}

const presentChain = (row: ChainRow): AuditChain => ({
  first: { seq: row.first_seq, hash: row.first_hash },
  last: { seq: row.last_seq, hash: row.last_hash },
})

/** Accounts that have entries without a place in their chain. */
export async function listUnchainedAccounts(connection: Connection): Promise<AccountId[]> {
  const { rows } = await sql<{ id: AccountId }>`
    select a.id from accounts a where exists (select from audit_log l where l.account_id = a.id and l.seq is null)
  `.execute(connection)
  return rows.map(({ id }) => id)
}

/** Locks the chain until the transaction ends. Undefined: another server extends it now. */
export async function lockAuditChain(
  connection: Connection,
  accountId: AccountId,
  { wait }: { readonly wait: boolean },
): Promise<AuditChain | undefined> {
  await sql`insert into audit_chains (account_id) values (${accountId}) on conflict do nothing`.execute(connection)
  const { rows } = await sql<ChainRow>`
    select first_seq, first_hash, last_seq, last_hash from audit_chains where account_id = ${accountId}
    for update ${wait ? sql`` : sql`skip locked`}
  `.execute(connection)
  return rows[0] && presentChain(rows[0])
}

/** Undefined if no entry has been chained yet. */
export async function getAuditChain(connection: Connection, accountId: AccountId): Promise<AuditChain | undefined> {
  const { rows } = await sql<ChainRow>`
    select first_seq, first_hash, last_seq, last_hash from audit_chains where account_id = ${accountId}
  `.execute(connection)
  return rows[0] && presentChain(rows[0])
}

/** Entries without a place, oldest first. */
export async function listUnchainedEntries(
  connection: Connection,
  accountId: AccountId,
  limit: number,
): Promise<ChainableRow[]> {
  const { rows } = await sql<ChainableRow>`
    select ${content} from audit_log where account_id = ${accountId} and seq is null order by at, id limit ${limit}
  `.execute(connection)
  return rows
}

/** Entries after a place of the chain. */
export async function listChainedEntries(
  connection: Connection,
  accountId: AccountId,
  { after, limit }: { readonly after: number; readonly limit: number },
): Promise<ChainedRow[]> {
  const { rows } = await sql<ChainedRow>`
    select ${content}, seq, coalesce(hash, '') as hash from audit_log
    where account_id = ${accountId} and seq > ${after}
    order by seq limit ${limit}
  `.execute(connection)
  return rows
}

/** An entry at or before the place after which the chain begins, or after its end. */
export async function findEntryOutside(
  connection: Connection,
  accountId: AccountId,
  { first, last }: AuditChain,
): Promise<{ readonly id: number; readonly seq: number } | undefined> {
  const { rows } = await sql<{ id: number; seq: number }>`
    select id, seq from audit_log
    where account_id = ${accountId} and seq is not null and (seq <= ${first.seq} or seq > ${last.seq})
    order by seq limit 1
  `.execute(connection)
  return rows[0]
}

/** Gives entries their places, and moves the end of the chain to the last of them. */
export async function appendToChain(
  connection: Connection,
  accountId: AccountId,
  places: readonly (ChainPlace & { readonly id: number })[],
): Promise<void> {
  const last = places.at(-1)
  if (!last) return
  await sql`
    update audit_log l set seq = p.seq, hash = p.hash
    from unnest(${places.map(({ id }) => id)}::bigint[], ${places.map(({ seq }) => seq)}::bigint[],
      ${places.map(({ hash }) => hash)}::text[]) as p (id, seq, hash)
    where l.id = p.id and l.account_id = ${accountId}
  `.execute(connection)
  await sql`
    update audit_chains set last_seq = ${last.seq}, last_hash = ${last.hash} where account_id = ${accountId}
  `.execute(connection)
}

/**
 * Removes entries from the beginning of the chain until one is younger, at most `limit`; the chain
 * then begins after the last removed one. The caller has locked the chain. Returns how many.
 */
export async function deleteOldAuditEntries(
  connection: Connection,
  accountId: AccountId,
  { olderThanMs, limit }: { readonly olderThanMs: number; readonly limit: number },
): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    with oldest as (
      select id, seq, hash, at < now() - ${olderThanMs} * interval '1 millisecond' as is_old from audit_log
      where account_id = ${accountId} and seq is not null
      order by seq limit ${limit}
    ), removed as (
      delete from audit_log where id in (
        select id from oldest where seq < coalesce((select min(seq) from oldest where not is_old), 9223372036854775807)
      )
      returning seq, hash
    ), moved as (
      update audit_chains c set first_seq = r.seq, first_hash = r.hash
      from (select seq, hash from removed order by seq desc limit 1) r
      where c.account_id = ${accountId}
    )
    select count(*)::int as count from removed
  `.execute(connection)
  return rows[0]?.count ?? 0
}

/** The state of an export of an account's audit log. */
export interface AuditExport {
  readonly receiver: string
  /** The last delivered entry. */
  readonly seq: number
  readonly failure: string
  readonly failedAt: Date | null
}

/**
 * The last delivered entry, if no other server is delivering: it is this server's turn for
 * `leaseMs`, by the database's clock.
 */
export async function leaseAuditExport(
  connection: Connection,
  accountId: AccountId,
  receiver: string,
  leaseMs: number,
): Promise<number | undefined> {
  await sql`
    insert into audit_exports (account_id, receiver) values (${accountId}, ${receiver}) on conflict do nothing
  `.execute(connection)
  const { rows } = await sql<{ seq: number }>`
    update audit_exports set leased_until = now() + ${leaseMs} * interval '1 millisecond'
    where account_id = ${accountId} and receiver = ${receiver} and leased_until <= now()
    returning seq
  `.execute(connection)
  return rows[0]?.seq
}

/** Records what was delivered, or why not (`failure`), and ends the turn. */
export async function updateAuditExport(
  connection: Connection,
  accountId: AccountId,
  receiver: string,
  { seq, failure }: { readonly seq: number; readonly failure: string },
): Promise<void> {
  await sql`
    update audit_exports set seq = greatest(seq, ${seq}), failure = ${failure}, leased_until = '-infinity',
      failed_at = case when ${failure} = '' then null else now() end
    where account_id = ${accountId} and receiver = ${receiver}
  `.execute(connection)
}

export async function listAuditExports(connection: Connection, accountId: AccountId): Promise<AuditExport[]> {
  const { rows } = await sql<AuditExport>`
    select receiver, seq, failure, failed_at as "failedAt" from audit_exports
    where account_id = ${accountId} order by receiver
  `.execute(connection)
  return rows
}
