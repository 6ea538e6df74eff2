import type { TaskQuery } from '../../../../../src/client/executions.ts'
import {
  type TaskReasonCode,
  type TaskStatus,
  taskReasonCodes,
  taskStatuses,
} from '../../../../../src/core/execution/execution.ts'
import type { BatchView, ExecutionView, TaskView } from '../../../../../src/protocol/api/executions.ts'
import { choiceParameter, listParameter, numberParameter, textParameter } from '../../../url/use-url-state.ts'

/** Sort orders; the first is the order of the plan. */
export const taskOrders = ['ordinal', '-ended', '-duration', 'duration'] as const
export type TaskSortState = (typeof taskOrders)[number]

/** Filter and order of the displayed tasks. */
export interface TaskFilterState {
  readonly statuses: readonly TaskStatus[]
  readonly reasonCode: TaskReasonCode | undefined
  readonly batch: number | undefined
  /** Key of a failure group. */
  readonly failure: string | undefined
  readonly search: string
  readonly sort: TaskSortState
}

/** The task filter in the page's address. */
export const taskFilterParameters = {
  status: listParameter(),
  reason: textParameter(),
  batch: numberParameter(0),
  failure: textParameter(),
  search: textParameter(),
  sort: choiceParameter(taskOrders, 'ordinal'),
}

interface FilterState {
  readonly status: readonly string[]
  readonly reason: string
  readonly batch: number
  readonly failure: string
  readonly search: string
  readonly sort: TaskSortState
}

/** Ignores unknown statuses (from an edited address). Batches start at 1; 0 is omitted. */
export const readTaskFilter = (state: FilterState): TaskFilterState => ({
  statuses: taskStatuses.filter((status) => state.status.includes(status)),
  reasonCode: taskReasonCodes.find((code) => code === state.reason),
  batch: state.batch > 0 ? state.batch : undefined,
  failure: state.failure === '' ? undefined : state.failure.slice(0, 80),
  search: state.search.trim().slice(0, 128),
  sort: state.sort,
})

export const noTaskFilter = { status: [], reason: '', batch: 0, failure: '', search: '' } as const

export const isFiltered = ({ statuses, reasonCode, batch, failure, search }: TaskFilterState): boolean =>
  statuses.length > 0 || reasonCode !== undefined || batch !== undefined || failure !== undefined || search !== ''

export const toTaskQuery = ({ statuses, reasonCode, batch, failure, search, sort }: TaskFilterState): TaskQuery => ({
  status: statuses.length === 0 ? undefined : statuses,
  reasonCode,
  batch,
  failure,
  search: search === '' ? undefined : search,
  sort,
})

/**
 * Applies the server's filter to a changed task. Only the server knows its failure group: a listed
 * task stays while it is failed, others are not added.
 */
export function matchesFilter(filter: TaskFilterState, task: TaskView, isShown: boolean): boolean {
  if (filter.statuses.length > 0 && !filter.statuses.includes(task.status)) return false
  if (filter.reasonCode !== undefined && task.reasonCode !== filter.reasonCode) return false
  if (filter.batch !== undefined && task.batch !== filter.batch) return false
  if (filter.failure !== undefined && !(isShown && task.status === 'Failed')) return false
  const searched = filter.search.toLowerCase()
  return [task.instanceName, task.instanceId, task.reason].some((text) => text.toLowerCase().includes(searched))
}

/**
 * Number of matching tasks, if the counters of the execution determine it; defines the scroll
 * height.
 */
export function countMatches(
  filter: TaskFilterState,
  { counts, batches, taskCount }: Pick<ExecutionView, 'counts' | 'batches' | 'taskCount'>,
): number | undefined {
  const { statuses, reasonCode, batch, failure, search } = filter
  if (reasonCode !== undefined || failure !== undefined || search !== '') return undefined
  if (batch === undefined)
    return statuses.length === 0 ? taskCount : statuses.reduce((sum, status) => sum + (counts[status] ?? 0), 0)
  const lane = batches.find(({ number }) => number === batch)
  if (!lane) return undefined
  return statuses.length === 0 ? lane.size : statuses.reduce((sum, status) => sum + batchCounts[status](lane), 0)
}

const batchCounts: Readonly<Record<TaskStatus, (lane: BatchView) => number>> = {
  Pending: ({ pending }) => pending,
  Running: ({ running, rebooting }) => running - rebooting,
  Rebooting: ({ rebooting }) => rebooting,
  Success: ({ success }) => success,
  Failed: ({ failed }) => failed,
  Cancelled: ({ cancelled }) => cancelled,
  Skipped: ({ skipped }) => skipped,
}
