import { type ExecutionId, taskIdOf } from '../../../core/id.ts'

/**
 * A task of the tree that OOS shows: the one that finds the instances, the one that loops over them, and below that one per instance, by
 * its ordinal.
 */
export type TaskTreePart = 'select' | 'loop' | number

const bodyOf = (executionId: ExecutionId) => executionId.slice('exec-'.length)

export const showTaskId = (executionId: ExecutionId, part: TaskTreePart): string =>
  typeof part === 'number' ? taskIdOf(executionId, part) : `task-${bodyOf(executionId)}-${part}`

/** Undefined for what is no id of a task. */
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
