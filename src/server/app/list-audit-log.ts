import { type AuditEntry, listAuditEntries } from '../../store/audit-log.ts'
import type { Actor, AppContext } from './context.ts'

/** Newest first, from before `before` (an id). */
export const listAuditLog = (
  { database }: Pick<AppContext, 'database'>,
  actor: Actor,
  page: { before?: number | undefined; limit: number },
): Promise<AuditEntry[]> => listAuditEntries(database, actor.accountId, page)
