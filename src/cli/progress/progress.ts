import type { ExecutionEvent } from '../../client/follow.ts'
import { isTaskEnded, runningTaskStatuses, type TaskStatus } from '../../core/execution/execution.ts'
import type { ExecutionView, TaskView } from '../../protocol/api/executions.ts'

/** State of a live view. Keeps the newest failures, and the running tasks that events mentioned. */
export interface Progress {
  readonly execution: ExecutionView
  /** By instance id. */
  readonly running: ReadonlyMap<string, TaskView>
  /** Oldest first. */
  readonly failures: readonly TaskView[]
}

/** `execution show` lists all of them. */
export const maxFailuresKept = 200

/** The progress after an event, and the new failures. */
export function applyEvent(
  before: Progress | undefined,
  event: ExecutionEvent,
): { progress: Progress; failed: TaskView[] } | undefined {
  if (event.kind === 'execution') {
    const { running = new Map<string, TaskView>(), failures = [] } = before ?? {}
    return { progress: { execution: event.execution, running, failures }, failed: [] }
  }
  // Tasks before their execution cannot be shown; the stream repeats both after a reconnect.
  if (!before) return undefined
  const running = new Map(before.running)
  const failed: TaskView[] = []
  const known = new Set(before.failures.map(attemptOf))
  for (const task of event.tasks) {
    if (isTaskEnded(task.status) || task.status === 'Pending') running.delete(task.instanceId)
    else running.set(task.instanceId, task)
    if (task.status === 'Failed' && !known.has(attemptOf(task))) failed.push(task)
  }
  const failures = [...before.failures, ...failed].slice(-maxFailuresKept)
  return { progress: { ...before, running, failures }, failed }
}

const attemptOf = ({ id, attempt }: TaskView) => `${id} ${attempt}`

export const endedCount = ({ counts }: Pick<ExecutionView, 'counts'>): number =>
  (['Success', 'Failed', 'Cancelled', 'Skipped'] as const).reduce((sum, status) => sum + countOf(counts, status), 0)

/** Rebooting tasks included. */
export const runningCount = ({ counts }: Pick<ExecutionView, 'counts'>): number =>
  runningTaskStatuses.reduce((sum, status) => sum + countOf(counts, status), 0)

export const countOf = (counts: ExecutionView['counts'], status: TaskStatus): number => counts[status] ?? 0

/** `web-3 (i-…): exit code 2: health check failed`. */
export function showFailure({ instanceName, instanceId, reason, exitCode }: TaskView): string {
  const code = exitCode === undefined || reason.includes(`exit code ${exitCode}`) ? '' : ` (exit code ${exitCode})`
  return `${instanceName} (${instanceId}): ${reason}${code}`
}
