import { chandlerError } from '../../../core/error/errors.ts'
import type { Connection } from '../../../store/database/database.ts'
import { deleteExecutionsOf } from '../../../store/execution/executions.ts'
import {
  deleteExtension as deleteRow,
  type ExtensionUse,
  getExtensionUse,
  lockExtension,
} from '../../../store/extension/extensions.ts'
import { deleteFavoritesOf } from '../../../store/extension/favorite-templates.ts'
import { writeAudit } from '../access/write-audit.ts'
import type { Actor, AppContext } from '../context.ts'

interface DeleteOptions {
  /**
   * Also while instances have it installed (they keep it, and it can still be uninstalled by its name) or executions use it (their tasks
   * that have not begun fail).
   */
  readonly force: boolean
  /** Its executions go with it, with their tasks and output; those that have not ended stand in the way even with `force`. */
  readonly withExecutions?: boolean
}

/**
 * Deletes an extension with all its versions.
 * @throws ExtensionNotFound; ExtensionInUse, saying which instances and executions
 */
export const deleteExtension = (
  context: Pick<AppContext, 'database'>,
  actor: Actor,
  name: string,
  options: DeleteOptions,
): Promise<void> => deleteExtensions(context, actor, [name], options)

/** All of them or none. */
export const deleteExtensions = (
  { database }: Pick<AppContext, 'database'>,
  actor: Actor,
  names: readonly string[],
  options: DeleteOptions,
): Promise<void> =>
  database.transaction().execute(async (transaction) => {
    // In one order, so that two who delete the same ones do not wait for each other.
    for (const name of new Set(names.toSorted())) await deleteOne(transaction, actor, name, options)
  })

async function deleteOne(
  transaction: Connection,
  actor: Actor,
  name: string,
  { force, withExecutions = false }: DeleteOptions,
): Promise<void> {
  const extension = await lockExtension(transaction, actor.accountId, name, 'update')
  if (!extension) throw chandlerError('ExtensionNotFound', { name })
  const use = await getExtensionUse(transaction, extension.id)
  const reason = renderUse(use)
  if (reason && (!force || (withExecutions && use.executionCount > 0)))
    throw chandlerError('ExtensionInUse', { name, reason }, { ...use })
  if (withExecutions) await deleteExecutionsOf(transaction, actor.accountId, extension.id)
  await deleteFavoritesOf(transaction, actor.accountId, name)
  await deleteRow(transaction, actor.accountId, extension.id)
  await writeAudit(transaction, actor, 'DeleteExtension', `extension/${name}`, { force, withExecutions, ...use })
}

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
