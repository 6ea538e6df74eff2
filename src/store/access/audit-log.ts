import { type RawBuilder, sql } from 'kysely'
import type { AccountId } from '../../core/id.ts'
import type { Connection } from '../database/database.ts'

/** One entry of the audit log. */
export interface AuditEntryRow {
  readonly id: number
  readonly at: Date
  /** The name of the user, or of the part of the server that acted. */
  readonly actor: string
  /** The remote address, or the same part of the server. */
  readonly source: string
  /** The action, such as `CreateExtension`. */
  readonly action: string
  /** The resource, such as `extension/demo`. */
  readonly resource: string
  readonly detail: Readonly<Record<string, unknown>>
  /** The id of the request's access key; null if it used none. */
  readonly accessKeyId: string | null
}

/**
 * The instant of an entry in microseconds since 1970, which exceed a Date's precision, and its id.
 */
export interface AuditPlace {
  readonly atMicros: number
  readonly id: number
}

export type AuditRow = AuditEntryRow & AuditPlace

/** Absent fields do not restrict the result. */
export interface AuditFilter {
  readonly actor?: string | undefined
  readonly action?: string | undefined
  /** A prefix: `extension/` matches every extension. */
  readonly resource?: string | undefined
  /** The complete id of an access key. */
  readonly accessKeyId?: string | undefined
  /** The complete source. */
  readonly source?: string | undefined
  readonly from?: Date | undefined
  /** Exclusive. */
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

/** Newest first, after a position. */
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
