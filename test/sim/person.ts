import {
  acceptedAfterReopening,
  type ControlAnswer,
  type ControlChange,
  type ControllableExecution,
  controlExecution,
  describeRefusal,
} from '../../src/core/control-execution.ts'
import { allowsControl } from '../../src/core/execution.ts'
import { totalTasks } from '../../src/core/task-counts.ts'
import { reopenFailedTask } from './row-changes.ts'
import { type ExecutionRow, listCounts, type Rows } from './rows.ts'
import { setStatus } from './shell.ts'
import type { PersonControl } from './sim-event.ts'

export interface Controls {
  readonly controlExecution: typeof controlExecution
  readonly controlFailedTasks: typeof controlFailedTasks
}

/** Retry and skip of `taskCount` failed tasks, as src/server/app/control-execution.ts decides it. */
function controlFailedTasks(
  execution: ControllableExecution,
  control: 'retryTask' | 'skipTask',
  taskCount: number,
): ControlAnswer {
  const { status, cancelRequested, acceptedFailures } = execution
  if (!allowsControl(status, control) || cancelRequested) return { refusal: describeRefusal(status, control) }
  return { change: { acceptedFailures: acceptedAfterReopening(acceptedFailures, taskCount) } }
}

export const realControls: Controls = { controlExecution, controlFailedTasks }

/** What the server does when a person asks: one transaction on the execution's row. True: something changed, so it is poked. */
export function askControl(
  rows: Rows,
  controls: Controls,
  execution: ExecutionRow,
  control: PersonControl,
  ordinal?: number,
): boolean {
  const answer = findAnswer(controls, execution, control, ordinal)
  const question = execution.status === 'Waiting' ? execution.reasonCode : undefined
  const asked = { kind: 'asked' as const, execution, control, question, ...(ordinal === undefined ? {} : { ordinal }) }
  if ('refusal' in answer) {
    rows.emit({ ...asked, changed: false, refusal: answer.refusal })
    return false
  }
  const changed = Object.keys(answer.change).length > 0 || ordinal !== undefined
  rows.emit({ ...asked, changed })
  if (ordinal !== undefined) {
    const task = execution.tasks.find((one) => one.ordinal === ordinal)
    if (task) reopenFailedTask(rows, execution, task, control === 'retryTask' ? 'Pending' : 'Skipped')
  }
  applyControl(rows, execution, answer.change)
  rows.emit({ kind: 'committed' })
  return changed
}

function findAnswer(
  controls: Controls,
  execution: ExecutionRow,
  control: PersonControl,
  ordinal: number | undefined,
): ControlAnswer {
  const failedCount = totalTasks(listCounts(execution)).Failed
  const controllable = { ...execution, failedCount }
  if (control !== 'retryTask' && control !== 'skipTask') return controls.controlExecution(controllable, control)
  const failed = execution.tasks.some((task) => task.ordinal === ordinal && task.status === 'Failed')
  if (!failed) return { refusal: 'That task has not failed.' }
  return controls.controlFailedTasks(controllable, control, 1)
}

function applyControl(rows: Rows, execution: ExecutionRow, change: ControlChange): void {
  if (change.pauseRequested !== undefined) execution.pauseRequested = change.pauseRequested
  if (change.acceptedFailures !== undefined) execution.acceptedFailures = change.acceptedFailures
  if (change.cancelRequested !== undefined) execution.cancelRequested = change.cancelRequested
  if (change.openBatch !== undefined) {
    execution.openBatch = change.openBatch
    rows.emit({ kind: 'batchOpened', execution, batch: change.openBatch, by: 'person' })
  }
  if (change.resumed !== undefined) setStatus(rows, execution, change.resumed)
}
