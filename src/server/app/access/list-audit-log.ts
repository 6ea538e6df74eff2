import { type AuditFilter, type AuditPlace, type AuditRow, listAuditEntries } from '../../../store/access/audit-log.ts'
import type { Actor, AppContext } from '../context.ts'

/** Newest first, after a position. */
export const listAuditLog = (
  { database }: Pick<AppContext, 'database'>,
  actor: Actor,
  filter: AuditFilter,
  page: { readonly after?: AuditPlace | undefined; readonly limit: number },
): Promise<AuditRow[]> => listAuditEntries(database, actor.accountId, filter, page)
