import { sql } from 'kysely'
import type { AccountId } from '../../core/id.ts'
import type { Connection } from '../database/database.ts'

export interface BucketRow {
  readonly name: string
  readonly createdBy: string
  readonly createdAt: Date
}

/** False if the account has a bucket of this name. */
export async function insertBucket(connection: Connection, accountId: AccountId, bucket: BucketRow): Promise<boolean> {
  const { rows } = await sql`
    insert into buckets (account_id, name, created_by, created_at)
    values (${accountId}, ${bucket.name}, ${bucket.createdBy}, ${bucket.createdAt})
    on conflict (account_id, name) do nothing
    returning name
  `.execute(connection)
  return rows.length === 1
}

/** Undefined if the account has no such bucket. */
export async function getBucket(
  connection: Connection,
  accountId: AccountId,
  name: string,
): Promise<BucketRow | undefined> {
  const { rows } = await sql<BucketRow>`
    select ${columns} from buckets where account_id = ${accountId} and name = ${name}
  `.execute(connection)
  return rows[0]
}

/**
 * Like `getBucket`, with a lock until the transaction ends: `use` prevents deletion of the bucket,
 * `delete` also prevents new objects in it.
 */
export async function lockBucket(
  connection: Connection,
  accountId: AccountId,
  name: string,
  purpose: 'use' | 'delete',
): Promise<BucketRow | undefined> {
  const strength = purpose === 'use' ? sql`for key share` : sql`for update`
  const { rows } = await sql<BucketRow>`
    select ${columns} from buckets where account_id = ${accountId} and name = ${name} ${strength}
  `.execute(connection)
  return rows[0]
}

/** By name, after `after`. */
export async function listBucketRows(
  connection: Connection,
  accountId: AccountId,
  { after = '', limit }: { after?: string | undefined; limit: number },
): Promise<BucketRow[]> {
  const { rows } = await sql<BucketRow>`
    select ${columns} from buckets
    where account_id = ${accountId} and name > ${after}
    order by name
    limit ${limit}
  `.execute(connection)
  return rows
}

export async function deleteBucketRow(connection: Connection, accountId: AccountId, name: string): Promise<void> {
  await sql`delete from buckets where account_id = ${accountId} and name = ${name}`.execute(connection)
}

const columns = sql`name, created_by as "createdBy", created_at as "createdAt"`
