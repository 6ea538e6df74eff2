import { makeReason } from '../reason/reason.ts'
import {
  acceptedAfterReopening,
  type ControllableExecution,
  describeRefusal,
  type Resumed,
} from './control-execution.ts'
import { allowsControl, isTaskEnded, type TaskStatus, taskMoves } from './execution.ts'
import { allowsMove } from './moves.ts'

/** The controls of single tasks. */
export type TaskControl = 'retryTask' | 'skipTask' | 'runTask' | 'cancelTask'

/** The execution of the tasks, as far as the decision needs it. */
export interface TasksExecution extends ControllableExecution {
  readonly runningCount: number
  /** Debug: the pending task that an operator named, if any. */
  readonly namedOrdinal: number | undefined
}

/** A task, as far as the decision needs it. */
export interface ControllableTask {
  readonly ordinal: number
  readonly status: TaskStatus
}

/** The control of some tasks: the rows that change. */
export interface TaskControlChange {
  /** The new status of the tasks, which have failed. */
  readonly reopened?: 'Pending' | 'Skipped'
  readonly acceptedFailures?: number
  /** The task that starts next. */
  readonly namedOrdinal?: number
  readonly resumed?: Resumed
  /** Pending tasks end; running ones are withdrawn or cancelled. */
  readonly stopped?: true
}

/** A refusal concerns the execution, or one of the tasks. */
export type TaskControlAnswer =
  | { readonly change: TaskControlChange }
  | { readonly refusal: string; readonly task?: ControllableTask }

/**
 * Applies to all of the tasks or to none: one task that does not allow the control refuses the
 * whole request.
 */
export function decideTaskControl(
  execution: TasksExecution,
  tasks: readonly ControllableTask[],
  control: TaskControl,
): TaskControlAnswer {
  if (!allowsControl(execution.status, control) || execution.cancelRequested)
    return { refusal: describeRefusal(execution.status, control) }
  switch (control) {
    case 'retryTask':
      return reopenTasks(execution, tasks, 'Pending')
    case 'skipTask':
      return reopenTasks(execution, tasks, 'Skipped')
    case 'cancelTask': {
      const ended = tasks.find(({ status }) => isTaskEnded(status))
      return ended ? refuseTask(ended) : { change: { stopped: true } }
    }
    case 'runTask':
      return nameTask(execution, tasks)
  }
}

function reopenTasks(
  { acceptedFailures }: TasksExecution,
  tasks: readonly ControllableTask[],
  reopened: 'Pending' | 'Skipped',
): TaskControlAnswer {
  const other = tasks.find(({ status }) => !allowsReopening(status, reopened))
  if (other) return refuseTask(other)
  return { change: { reopened, acceptedFailures: acceptedAfterReopening(acceptedFailures, tasks.length) } }
}

/** The plan may skip a pending task, an operator only one that has failed. */
const allowsReopening = (status: TaskStatus, to: 'Pending' | 'Skipped') =>
  isTaskEnded(status) && allowsMove(taskMoves, status, to)

/**
 * Debug: runs one task at a time. A failed task can run again only while the execution waits, as
 * after every failure.
 */
function nameTask(execution: TasksExecution, tasks: readonly ControllableTask[]): TaskControlAnswer {
  const { mode, runningCount, namedOrdinal, status, reasonCode } = execution
  const [task, ...others] = tasks
  if (mode !== 'Debug') return { refusal: 'It is not in Debug mode and starts its tasks by itself.' }
  if (!task || others.length > 0) return { refusal: 'One task at a time is run; name one.' }
  if (runningCount > 0) return { refusal: 'A task of it runs; name the next one when that has ended.' }
  if (namedOrdinal === task.ordinal) return { change: {} }
  if (namedOrdinal !== undefined) return { refusal: `Task ${namedOrdinal} is named already and starts first.` }
  const again = allowsReopening(task.status, 'Pending') && status === 'Waiting'
  if (!allowsMove(taskMoves, task.status, 'Running') && !again) return refuseTask(task)
  const asked = status === 'Waiting' && reasonCode === 'DebugPause'
  return {
    change: {
      ...(again ? { reopened: 'Pending' } : {}),
      namedOrdinal: task.ordinal,
      ...(asked
        ? {
            resumed: {
              status: 'Running',
              reasonCode: 'Dispatching',
              reason: makeReason('TaskNamed'),
            },
          }
        : {}),
    },
  }
}

const refuseTask = (task: ControllableTask): TaskControlAnswer => ({
  refusal: `Task ${task.ordinal} is ${task.status}.`,
  task,
})
