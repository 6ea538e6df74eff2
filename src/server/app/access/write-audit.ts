import { insertAuditEntry } from '../../../store/access/audit-log.ts'
import type { Connection } from '../../../store/database/database.ts'
import type { Actor } from '../context.ts'

/**
 * Records a change in the audit log, in the transaction of the change, so that neither exists
 * without the other.
 * @param action such as `CreateExtension`
 * @param resource such as `extension/demo`
 * @param detail further facts for a later investigation; never a secret
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
