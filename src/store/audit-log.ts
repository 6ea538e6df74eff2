import type { AccountId } from '../core/id.ts'
import type { Connection } from './database.ts'

export interface AuditEntry {
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
}

export async function insertAuditEntry(
  connection: Connection,
  accountId: AccountId,
  entry: Omit<AuditEntry, 'id' | 'at'>,
): Promise<void> {
  await connection
    .insertInto('audit_log')
    .values({ account_id: accountId, ...entry, detail: JSON.stringify(entry.detail) })
    .execute()
}

/** Newest first, from before `before` (an id). */
export async function listAuditEntries(
  connection: Connection,
  accountId: AccountId,
  { before, limit }: { before?: number | undefined; limit: number },
): Promise<AuditEntry[]> {
  let query = connection
    .selectFrom('audit_log')
    .select(['id', 'at', 'actor', 'source', 'action', 'resource', 'detail'])
    .where('account_id', '=', accountId)
    .orderBy('id', 'desc')
    .limit(limit)
  if (before !== undefined) query = query.where('id', '<', before)
  return (await query.execute()) as AuditEntry[]
}
