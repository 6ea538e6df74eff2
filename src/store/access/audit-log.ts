import { type RawBuilder, sql } from 'kysely'
import type { AccountId } from '../../core/id.ts'
import type { Connection } from '../database/database.ts'

export interface AuditEntryRow {
  readonly id: number
  readonly at: Date
  /** Who: the name of a user, or the part of the server that acted. */
  readonly actor: string
  /** From where: a remote address, or the same part. */
  readonly source: string
  /** What was done, such as `CreateExtension`. */
  readonly action: string
  /** To what, such as `extension/demo`. */
  readonly resource: string
  readonly detail: Readonly<Record<string, unknown>>
  /** The id of the access key that the request was made with; null: none was. */
  readonly accessKeyId: string | null
}

/** The instant of an entry in microseconds since 1970, which a Date does not hold, and its id. */
export interface AuditPlace {
  readonly atMicros: number
  readonly id: number
}

export type AuditRow = AuditEntryRow & AuditPlace

/** What is not said is not asked for. */
export interface AuditFilter {
  readonly actor?: string | undefined
  readonly action?: string | undefined
  /** The beginning of it: `extension/` is every extension. */
  readonly resource?: string | undefined
  /** The id of an access key, in full. */
  readonly accessKeyId?: string | undefined
  /** From where, in full. */
  readonly source?: string | undefined
  readonly from?: Date | undefined
  /** Not itself in the range. */
  readonly to?: Date | undefined
}

export async function insertAuditEntry(
  connection: Connection,
  accountId: AccountId,
  { accessKeyId, ...entry }: Omit<AuditEntryRow, 'id' | 'at'>,
): Promise<void> {
  await connection
    .insertInto('audit_log')
    .values({ account_id: accountId, ...entry, detail: JSON.stringify(entry.detail), access_key: accessKeyId })
    .execute()
}

/** Newest first, from behind a place. */
export async function listAuditEntries(
  connection: Connection,
  accountId: AccountId,
  filter: AuditFilter,
  { after, limit }: { readonly after?: AuditPlace | undefined; readonly limit: number },
): Promise<AuditRow[]> {
  const { rows } = await sql<AuditRow>`
    select id, at, (extract(epoch from at) * 1000000)::bigint as "atMicros", actor, source, action, resource, detail,
      access_key as "accessKeyId"
    from audit_log
    where ${sql.join([sql`account_id = ${accountId}`, ...conditionsOf(filter), ...(after ? [behind(after)] : [])], sql` and `)}
    order by at desc, id desc
    limit ${limit}
  `.execute(connection)
  return rows
}

const conditionsOf = ({
  actor,
  action,
  resource,
  accessKeyId,
  source,
  from,
  to,
}: AuditFilter): RawBuilder<boolean>[] => [
  ...(actor === undefined ? [] : [sql<boolean>`actor = ${actor}`]),
  ...(action === undefined ? [] : [sql<boolean>`action = ${action}`]),
  ...(resource === undefined ? [] : [sql<boolean>`resource like ${`${resource.replaceAll(/[\\%_]/g, '\\$&')}%`}`]),
  ...(accessKeyId === undefined ? [] : [sql<boolean>`access_key = ${accessKeyId}`]),
  ...(source === undefined ? [] : [sql<boolean>`source = ${source}`]),
  ...(from === undefined ? [] : [sql<boolean>`at >= ${from}`]),
  ...(to === undefined ? [] : [sql<boolean>`at < ${to}`]),
]

const behind = ({ atMicros, id }: AuditPlace) =>
  sql<boolean>`(at, id) < (timestamptz 'epoch' + ${atMicros}::bigint * interval '1 microsecond', ${id}::bigint)`
