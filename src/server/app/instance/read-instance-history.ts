import { type HistoryRow, listInstanceHistory } from '../../../store/instance/instance-history.ts'
import { findPermitted } from '../access/object-access.ts'
import type { Actor, AppContext } from '../context.ts'
import { getInstance } from './get-instance.ts'

export type { HistoryRow }

/** The tasks of an instance in executions that the actor may see, newest first. @throws InstanceNotFound */
export async function readInstanceHistory(
  context: Pick<AppContext, 'database' | 'secrets' | 'log' | 'clock' | 'region' | 'accountName'>,
  actor: Actor,
  id: string,
  page: { readonly after?: { readonly createdAt: Date; readonly id: string } | undefined; readonly limit: number },
): Promise<HistoryRow[]> {
  const instance = await getInstance(context, actor, id)
  const permitted = findPermitted(context, actor, 'oos:ListExecutions', 'execution')
  return listInstanceHistory(context.database, actor.accountId, instance.id, { ...page, permitted })
}
