import { sql } from 'kysely'
import type { AccountId, InstanceId } from '../../core/id.ts'
import type { PublishedApprovers } from '../../core/trust/plan-approval.ts'
import type { Connection } from '../database/database.ts'

/** A published trust file. */
export interface TrustFileRow {
  readonly version: number
  /** The bytes that its signatures are over, as text. */
  readonly content: string
  readonly signatures: readonly string[]
  /** Null: it has none, or was published by an earlier release. */
  readonly approvers: PublishedApprovers | null
  readonly createdAt: Date
  readonly createdBy: string
}

/** False if this version or a newer one exists. */
export async function insertTrustFile(
  connection: Connection,
  accountId: AccountId,
  row: TrustFileRow,
): Promise<boolean> {
  const { rows } = await sql`
    insert into trust_files (account_id, version, content, signatures, approvers, created_at, created_by)
    select ${accountId}, ${row.version}, ${row.content}, ${row.signatures}::text[],
      ${row.approvers && JSON.stringify(row.approvers)}::jsonb, ${row.createdAt}, ${row.createdBy}
    where not exists (select from trust_files where account_id = ${accountId} and version >= ${row.version})
    on conflict do nothing
    returning version
  `.execute(connection)
  return rows.length === 1
}

/** The newest one of the account. */
export async function getNewestTrustFile(
  connection: Connection,
  accountId: AccountId,
): Promise<TrustFileRow | undefined> {
  const { rows } = await sql<TrustFileRow>`
    select ${trustFileColumns} from trust_files where account_id = ${accountId} order by version desc limit 1
  `.execute(connection)
  return rows[0]
}

export interface TrustSuccessorRow extends Pick<TrustFileRow, 'version' | 'content' | 'signatures'> {
  readonly instanceId: InstanceId
}

/** The newest one of the accounts of these instances, if it is newer than theirs. */
export async function listTrustSuccessors(
  connection: Connection,
  instances: readonly { readonly id: InstanceId; readonly version: number }[],
): Promise<TrustSuccessorRow[]> {
  const { rows } = await sql<TrustSuccessorRow>`
    select i.id as "instanceId", t.version, t.content, t.signatures
    from unnest(${instances.map(({ id }) => id)}::text[], ${instances.map(({ version }) => version)}::int[]) as a (id, present)
    join instances i on i.id = a.id
    join lateral (
      select * from trust_files t where t.account_id = i.account_id order by version desc limit 1
    ) t on t.version > a.present
  `.execute(connection)
  return rows
}

const trustFileColumns = sql`version, content, signatures, approvers, created_at as "createdAt", created_by as "createdBy"`
