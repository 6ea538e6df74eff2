import { chandlerError } from '../../../core/error/errors.ts'
import { applyTagChange, type TagChange, type Tags, validateTags } from '../../../core/instance/tags.ts'
import { updateExecutionLabels } from '../../../store/execution/executions.ts'
import { lockExtension, updateExtension } from '../../../store/extension/extensions.ts'
import { writeAudit } from '../access/write-audit.ts'
import type { Actor, AppContext } from '../context.ts'
import { changeLocked } from '../execution/change-locked.ts'
import { authoriseExecutionLabels } from '../execution/patch-execution.ts'
import { readStatus } from '../execution/read-executions.ts'

/** Changes all of them or none. @throws ExtensionNotFound, TagsInvalid */
export async function changeExtensionTags(
  { database }: Pick<AppContext, 'database'>,
  actor: Actor,
  names: readonly string[],
  change: TagChange,
): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    // In a fixed order, which prevents deadlocks between concurrent changes.
    for (const name of new Set(names.toSorted())) {
      const extension = await lockExtension(transaction, actor.accountId, name, 'update')
      if (!extension) throw chandlerError('ExtensionNotFound', { name })
      const tags = changed(extension.tags, change)
      await updateExtension(transaction, actor.accountId, name, { tags })
      await writeAudit(transaction, actor, 'UpdateExtension', `extension/${name}`, { tags })
    }
  })
}

/**
 * In any state. Changes nothing if one of them does not exist.
 * @param action the permission that it requires, with the current and with the new tags
 * @throws ExecutionNotFound, TagsInvalid, AccessDenied
 */
export async function changeExecutionTags(
  context: AppContext,
  actor: Actor,
  ids: readonly string[],
  change: TagChange,
  action: string,
): Promise<void> {
  const unique = [...new Set(ids)]
  for (const id of unique) await readStatus(context, actor, id)
  for (const id of unique) {
    await changeLocked(
      context,
      actor,
      id,
      'patch',
      (connection, execution) => {
        const tags = changed(execution.tags, change)
        authoriseExecutionLabels(context, actor, action, execution, { tags })
        return updateExecutionLabels(connection, { id: execution.id, revision: execution.revision + 1 }, { tags })
      },
      { changed: ['tags'] },
    )
  }
}

function changed(tags: Tags, change: TagChange): Tags {
  const next = applyTagChange(tags, change)
  const reason = validateTags(next)
  if (reason !== undefined) throw chandlerError('TagsInvalid', { reason })
  return next
}
