import type { Tags } from '../../../core/instance/tags.ts'
import { type NarrowExecutionRow, updateExecutionLabels } from '../../../store/execution/executions.ts'
import { authoriseLabels } from '../access/object-access.ts'
import type { Actor, AppContext } from '../context.ts'
import { changeLocked } from './change-locked.ts'

/** The labels of an execution; absent fields are unchanged. */
export interface ExecutionLabels {
  readonly description?: string | undefined
  /** Replaces all tags. */
  readonly tags?: Readonly<Record<string, string>> | undefined
  readonly resourceGroup?: string | undefined
}

/**
 * Changes the labels of an execution, in any state. The actor needs the permission with the current
 * and with the new labels. @throws ExecutionNotFound, AccessDenied
 */
export const patchExecution = (
  context: AppContext,
  actor: Actor,
  id: string,
  labels: ExecutionLabels,
  action = 'oos:UpdateExecution',
): Promise<void> =>
  changeLocked(
    context,
    actor,
    id,
    'patch',
    (connection, execution) => {
      authoriseExecutionLabels(context, actor, action, execution, labels)
      return updateExecutionLabels(connection, { id: execution.id, revision: execution.revision + 1 }, labels)
    },
    { changed: Object.entries(labels).flatMap(([name, value]) => (value === undefined ? [] : [name])) },
  )

/** With the current labels and with changed ones. @throws AccessDenied */
export function authoriseExecutionLabels(
  context: Pick<AppContext, 'clock' | 'region' | 'accountName'>,
  actor: Actor,
  action: string,
  execution: Pick<NarrowExecutionRow, 'id' | 'tags' | 'resource_group' | 'target_tags' | 'target_group'>,
  { tags, resourceGroup }: { readonly tags?: Tags | undefined; readonly resourceGroup?: string | undefined },
): void {
  const permission = { action, kind: 'execution', id: execution.id } as const
  const labelsOf = (own: Tags, group: string) => ({
    // As in the store: the labels of the targets override its own.
    tags: { ...own, ...execution.target_tags },
    resourceGroup: execution.target_group || group,
  })
  authoriseLabels(context, actor, permission, labelsOf(execution.tags, execution.resource_group))
  authoriseLabels(
    context,
    actor,
    permission,
    labelsOf(tags ?? execution.tags, resourceGroup ?? execution.resource_group),
  )
}
