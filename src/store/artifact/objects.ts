import { sql } from 'kysely'
import type { ObjectName } from '../../core/artifact/object-name.ts'
import type { AccountId } from '../../core/id.ts'
import type { Connection } from '../database/database.ts'

export interface ObjectRow {
  readonly bucket: string
  readonly key: string
  readonly sha256: string
  readonly sizeBytes: number
  readonly updatedAt: Date
}

/** The artifact that the key named before is unchanged: it is an artifact like any other. */
export async function upsertObject(connection: Connection, accountId: AccountId, object: ObjectRow): Promise<void> {
  await sql`
    insert into objects (account_id, bucket, key, sha256, size_bytes, updated_at)
    values (${accountId}, ${object.bucket}, ${object.key}, ${object.sha256}, ${object.sizeBytes}, ${object.updatedAt})
    on conflict (account_id, bucket, key) do update
      set sha256 = excluded.sha256, size_bytes = excluded.size_bytes, updated_at = excluded.updated_at
  `.execute(connection)
}

/** Those of these objects that exist, in no particular order. */
export async function listObjectsByName(
  connection: Connection,
  accountId: AccountId,
  names: readonly ObjectName[],
): Promise<ObjectRow[]> {
  const buckets = names.map(({ bucket }) => bucket)
  const keys = names.map(({ key }) => key)
  const { rows } = await sql<ObjectRow>`
    select ${columns} from objects o
    join unnest(${buckets}::text[], ${keys}::text[]) as wanted (bucket, key) on o.bucket = wanted.bucket and o.key = wanted.key
    where o.account_id = ${accountId}
  `.execute(connection)
  return rows
}

/** Of one bucket, in byte order of the keys, after `after`; `prefix` restricts the keys. */
export async function listObjectRows(
  connection: Connection,
  accountId: AccountId,
  bucket: string,
  { prefix = '', after = '', limit }: { prefix?: string | undefined; after?: string | undefined; limit: number },
): Promise<ObjectRow[]> {
  // The highest code point, so that the keys of a prefix are a range of the index.
  const end = `${prefix}\u{10ffff}`
  const { rows } = await sql<ObjectRow>`
    select ${columns} from objects o
    where o.account_id = ${accountId} and o.bucket = ${bucket} and o.key > ${after} and o.key >= ${prefix} and o.key < ${end}
    order by o.key
    limit ${limit}
  `.execute(connection)
  return rows
}

/** False if there is none. */
export async function deleteObjectRow(
  connection: Connection,
  accountId: AccountId,
  name: ObjectName,
): Promise<boolean> {
  const { rows } = await sql`
    delete from objects where account_id = ${accountId} and bucket = ${name.bucket} and key = ${name.key}
    returning key
  `.execute(connection)
  return rows.length === 1
}

const columns = sql`
  o.bucket, o.key, o.sha256, o.size_bytes as "sizeBytes", o.updated_at as "updatedAt"`
