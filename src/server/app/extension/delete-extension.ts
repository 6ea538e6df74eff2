import { chandlerError } from '../../../core/error/errors.ts'
import type { ExecutionId } from '../../../core/id.ts'
import type { Connection } from '../../../store/database/database.ts'
import { markExecutionsOfDeleted } from '../../../store/execution/executions.ts'
import {
  deleteExtensionRow as deleteRow,
  type ExtensionUse,
  getExtensionUse,
  lockExtension,
} from '../../../store/extension/extensions.ts'
import { deleteFavoritesOf } from '../../../store/extension/favorite-templates.ts'
import { writeAudit } from '../access/write-audit.ts'
import type { Actor, AppContext } from '../context.ts'
import { removeSoon } from '../execution/remove-deleted.ts'

type Context = Pick<AppContext, 'database' | 'clock' | 'log'>

interface DeleteOptions {
  /**
   * Also while instances have it installed (they keep it, and it can still be uninstalled by its
   * name) or executions use it (their tasks that have not begun fail).
   */
  readonly force: boolean
  /**
   * Also deletes its executions with their tasks and output; running ones prevent the deletion even
   * with `force`.
   */
  readonly withExecutions?: boolean
}

/**
 * Deletes an extension with all its versions.
 * @throws ExtensionNotFound; ExtensionInUse with the instances and executions
 */
export const deleteExtension = (context: Context, actor: Actor, name: string, options: DeleteOptions): Promise<void> =>
  deleteExtensions(context, actor, [name], options)

/** Deletes all of them or none. */
export async function deleteExtensions(
  context: Context,
  actor: Actor,
  names: readonly string[],
  options: DeleteOptions,
): Promise<void> {
  const executions = await context.database.transaction().execute(async (transaction) => {
    const ids: ExecutionId[] = []
    // In a fixed order, which prevents deadlocks between concurrent deletions.
    for (const name of new Set(names.toSorted())) ids.push(...(await deleteOne(transaction, actor, name, options)))
    return ids
  })
  await removeSoon(context, executions)
}

/** Returns the executions that were deleted with it. */
async function deleteOne(
  transaction: Connection,
  actor: Actor,
  name: string,
  { force, withExecutions = false }: DeleteOptions,
): Promise<ExecutionId[]> {
  const extension = await lockExtension(transaction, actor.accountId, name, 'update')
  if (!extension) throw chandlerError('ExtensionNotFound', { name })
  const use = await getExtensionUse(transaction, extension.id)
  const reason = renderUse(use)
  if (reason && (!force || (withExecutions && use.executionCount > 0)))
    throw chandlerError('ExtensionInUse', { name, reason }, { ...use })
  const executions = withExecutions ? await markExecutionsOfDeleted(transaction, actor.accountId, extension.id) : []
  await deleteFavoritesOf(transaction, actor.accountId, name)
  await deleteRow(transaction, actor.accountId, extension.id)
  await writeAudit(transaction, actor, 'DeleteExtension', `extension/${name}`, { force, withExecutions, ...use })
  return executions
}

/** To follow "cannot be deleted:"; undefined if nothing prevents the deletion. */
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
