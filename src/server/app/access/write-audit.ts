import { insertAuditEntry } from '../../../store/access/audit-log.ts'
import type { Connection } from '../../../store/database/database.ts'
import type { Actor } from '../context.ts'

/**
 * Says in the audit log who changed what, from where. For the transaction that changes it: neither is there without the other.
 * @param action such as `CreateExtension`
 * @param resource such as `extension/demo`
 * @param detail what else one would ask afterwards; never a secret
 */
export const writeAudit = (
  transaction: Connection,
  actor: Pick<Actor, 'accountId' | 'name' | 'source' | 'accessKeyId'>,
  action: string,
  resource: string,
  detail: Readonly<Record<string, unknown>> = {},
) =>
  insertAuditEntry(transaction, actor.accountId, {
    actor: actor.name,
    source: actor.source,
    accessKeyId: actor.accessKeyId ?? null,
    action,
    resource,
    detail,
  })
