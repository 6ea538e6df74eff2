import { type ExecutionId, taskIdOf } from '../../../core/id.ts'

/**
 * A task of OOS's task tree: the one that selects the instances, the loop over them, and below it
 * one per instance, by its ordinal.
 */
export type TaskTreePart = 'select' | 'loop' | number

const bodyOf = (executionId: ExecutionId) => executionId.slice('exec-'.length)

export const showTaskId = (executionId: ExecutionId, part: TaskTreePart): string =>
  typeof part === 'number' ? taskIdOf(executionId, part) : `task-${bodyOf(executionId)}-${part}`

/** Undefined if the text is not a task id. */
export function parseTaskId(
  text: string,
): { readonly executionId: ExecutionId; readonly part: TaskTreePart } | undefined {
  const [, body, part = ''] = /^task-([0-9a-z]{1,60})-(select|loop|[1-9]\d{0,8})$/.exec(text) ?? []
  if (body === undefined) return undefined
  return {
    executionId: `exec-${body}` as ExecutionId,
    part: part === 'select' || part === 'loop' ? part : Number(part),
  }
}
