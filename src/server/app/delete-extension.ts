import { chandlerError } from '../../core/errors.ts'
import {
  deleteExtension as deleteRow,
  type ExtensionUse,
  getExtensionUse,
  lockExtension,
} from '../../store/extensions.ts'
import type { Actor, AppContext } from './context.ts'
import { writeAudit } from './write-audit.ts'

/**
 * Deletes an extension with all its versions.
 * @param force also while instances have it installed (they keep it, and it can no longer be uninstalled from here) or
 *   executions use it (their tasks that have not begun fail)
 * @throws ExtensionNotFound; ExtensionInUse, saying which instances and executions
 */
export const deleteExtension = (
  { database }: Pick<AppContext, 'database'>,
  actor: Actor,
  name: string,
  { force }: { readonly force: boolean },
): Promise<void> =>
  database.transaction().execute(async (transaction) => {
    const extension = await lockExtension(transaction, actor.accountId, name, 'update')
    if (!extension) throw chandlerError('ExtensionNotFound', { name })
    const use = await getExtensionUse(transaction, extension.id)
    const reason = renderUse(use)
    if (reason && !force) throw chandlerError('ExtensionInUse', { name, reason }, { ...use })
    await deleteRow(transaction, actor.accountId, extension.id)
    await writeAudit(transaction, actor, 'DeleteExtension', `extension/${name}`, { force, ...use })
  })

/** Follows "cannot be deleted:"; undefined if nothing stands in the way. */
export function renderUse({
  instanceCount,
  instanceIds,
  executionCount,
  executionIds,
}: ExtensionUse): string | undefined {
  const list = (count: number, ids: readonly string[]) =>
    `${ids.join(', ')}${count > ids.length ? ` and ${count - ids.length} more` : ''}`
  const parts = [
    ...(instanceCount > 0 ? [`it is installed on ${list(instanceCount, instanceIds)}`] : []),
    ...(executionCount > 0 ? [`it is used by ${list(executionCount, executionIds)}`] : []),
  ]
  return parts.length > 0 ? parts.join(', and ') : undefined
}
