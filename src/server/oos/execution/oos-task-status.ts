import { runningTaskStatuses, type TaskStatus, taskStatuses } from '../../../core/execution/execution.ts'

/** OOS has no word for a reboot: the task is running. */
export type OosTaskStatus = Exclude<TaskStatus, 'Rebooting'>
export const oosTaskStatuses = taskStatuses.filter((status) => status !== 'Rebooting')

export const toOosTaskStatus = (status: TaskStatus): OosTaskStatus => (status === 'Rebooting' ? 'Running' : status)

/** The statuses of tasks that OOS names by one word. */
export const ofOosTaskStatus = (status: OosTaskStatus): readonly TaskStatus[] =>
  status === 'Running' ? runningTaskStatuses : [status]
