import { type ControlAnswer, type ControlChange, decideControl } from '../../src/core/execution/control-execution.ts'
import {
  decideTaskControl,
  type TaskControl,
  type TaskControlAnswer,
  type TaskControlChange,
} from '../../src/core/execution/control-task.ts'
import { totalTasks } from '../../src/core/execution/task-counts.ts'
import { endDueParts, endPendingTasks, endTasks, reopenFailedTask, stopInvocations } from './row-changes.ts'
import { type ExecutionRow, findNamed, listCounts, type Rows, type TaskRow } from './rows.ts'
import { beginGate, setStatus } from './shell.ts'
import type { OperatorControl } from './sim-event.ts'

export interface Controls {
  readonly controlExecution: typeof decideControl
  readonly controlTasks: typeof decideTaskControl
}

export const realControls: Controls = { controlExecution: decideControl, controlTasks: decideTaskControl }

/** The operator's request changed something: the executions to poke. */
export interface Asked {
  readonly changed: boolean
  readonly freed: readonly ExecutionRow[]
}

/** The server's handling of an operator's request: one transaction on the execution's row. */
export function askControl(
  rows: Rows,
  controls: Controls,
  execution: ExecutionRow,
  control: OperatorControl,
  ordinal?: number,
): Asked {
  const task = execution.tasks.find((one) => one.ordinal === ordinal)
  const answer = findAnswer(controls, execution, control, task)
  const waitingFor = execution.status === 'Waiting' ? execution.reasonCode : undefined
  const asked = {
    kind: 'asked' as const,
    execution,
    control,
    waitingFor,
    ...(ordinal === undefined ? {} : { ordinal }),
  }
  if ('refusal' in answer) {
    rows.emit({ ...asked, changed: false, refusal: answer.refusal })
    return { changed: false, freed: [] }
  }
  const changed = Object.keys(answer.change).length > 0
  rows.emit({ ...asked, changed })
  const freed = task ? applyTaskControl(rows, execution, task, answer.change) : []
  applyControl(rows, execution, answer.change)
  rows.emit({ kind: 'committed' })
  return { changed, freed }
}

function findAnswer(
  controls: Controls,
  execution: ExecutionRow,
  control: OperatorControl,
  task: TaskRow | undefined,
): ControlAnswer | TaskControlAnswer {
  const totals = totalTasks(listCounts(execution))
  const controllable = {
    ...execution,
    failedCount: totals.Failed,
    runningCount: totals.Running,
    namedOrdinal: findNamed(execution)?.ordinal,
  }
  if (!isTaskControl(control)) return controls.controlExecution(controllable, control)
  return task ? controls.controlTasks(controllable, [task], control) : { refusal: 'There is no such task.' }
}

export const isTaskControl = (control: OperatorControl): control is TaskControl => control.endsWith('Task')

/** Returns the executions that waited for an instance that is free now. */
function applyTaskControl(
  rows: Rows,
  execution: ExecutionRow,
  task: TaskRow,
  change: TaskControlChange,
): ExecutionRow[] {
  if (change.reopened !== undefined) reopenFailedTask(rows, execution, task, change.reopened)
  if (change.namedOrdinal !== undefined) execution.namedOrdinal = change.namedOrdinal
  if (change.stopped === undefined) return []
  const end = { status: 'Cancelled', reasonCode: 'CancelledByUser', reason: [] } as const
  endPendingTasks(rows, execution, end, task)
  endDueParts(rows, execution, [task], end, 'operator')
  const { withdrawn } = stopInvocations(rows, execution, task)
  return endTasks(
    rows,
    withdrawn.map(({ attempt }) => ({ execution, task, attempt, ...end })),
    'operator',
  )
}

function applyControl(rows: Rows, execution: ExecutionRow, change: ControlChange): void {
  if (change.pauseRequested !== undefined) execution.pauseRequested = change.pauseRequested
  if (change.acceptedFailures !== undefined) execution.acceptedFailures = change.acceptedFailures
  if (change.cancelRequested !== undefined) execution.cancelRequested = change.cancelRequested
  if (change.openBatch !== undefined) {
    execution.openBatch = change.openBatch
    rows.emit({ kind: 'batchOpened', execution, batch: change.openBatch, by: 'operator' })
  }
  if (change.gatesAgain) beginGate(rows, execution, { batch: execution.openBatch, gate: 0 })
  if (change.resumed !== undefined) setStatus(rows, execution, change.resumed)
}
