import { updateExecutionLabels } from '../../../store/execution/executions.ts'
import type { Actor, AppContext } from '../context.ts'
import { changeLocked } from './change-locked.ts'

/** The labels of an execution; absent fields are unchanged. */
export interface ExecutionLabels {
  readonly description?: string | undefined
  /** Replaces all tags. */
  readonly tags?: Readonly<Record<string, string>> | undefined
  readonly resourceGroup?: string | undefined
}

/** Changes the labels of an execution, in any state. */
export const patchExecution = (context: AppContext, actor: Actor, id: string, labels: ExecutionLabels): Promise<void> =>
  changeLocked(
    context,
    actor,
    id,
    'patch',
    (connection, execution) =>
      updateExecutionLabels(connection, { id: execution.id, revision: execution.revision + 1 }, labels),
    { changed: Object.entries(labels).flatMap(([name, value]) => (value === undefined ? [] : [name])) },
  )
