import { expect, test } from 'vitest'
import { makeReason } from '../reason/reason.ts'
import { type ControllableTask, decideTaskControl, type TaskControl, type TasksExecution } from './control-task.ts'

const makeExecution = (execution: Partial<TasksExecution>): TasksExecution => ({
  status: 'Waiting',
  reasonCode: 'DebugPause',
  mode: 'Debug',
  openBatch: 1,
  failedCount: 2,
  acceptedFailures: 2,
  pauseRequested: false,
  cancelRequested: false,
  runningCount: 0,
  namedOrdinal: undefined,
  ...execution,
})

const resumed = { status: 'Running', reasonCode: 'Dispatching', reason: makeReason('TaskNamed') }
const pending: ControllableTask = { ordinal: 1, status: 'Pending' }
const running: ControllableTask = { ordinal: 2, status: 'Running' }
const failed: ControllableTask = { ordinal: 3, status: 'Failed' }
const alsoFailed: ControllableTask = { ordinal: 4, status: 'Failed' }
const succeeded: ControllableTask = { ordinal: 5, status: 'Success' }
const automatic = { mode: 'Automatic', status: 'Running', reasonCode: 'Dispatching' } as const

interface Row {
  readonly execution?: Partial<TasksExecution>
  readonly tasks: readonly ControllableTask[]
  readonly control: TaskControl
  readonly expected: object
}

const rows: Readonly<Record<string, Row>> = {
  Run_a_pending_task: { tasks: [pending], control: 'runTask', expected: { change: { namedOrdinal: 1, resumed } } },
  Run_a_failed_task_again: {
    tasks: [failed],
    control: 'runTask',
    expected: { change: { reopened: 'Pending', namedOrdinal: 3, resumed } },
  },
  Run_a_failed_task_while_nobody_is_asked: {
    execution: { status: 'Running', reasonCode: 'Dispatching' },
    tasks: [failed],
    control: 'runTask',
    expected: { refusal: 'Task 3 is Failed.', task: failed },
  },
  Run_the_task_that_is_named: {
    execution: { namedOrdinal: 1 },
    tasks: [pending],
    control: 'runTask',
    expected: { change: {} },
  },
  Run_while_another_is_named: {
    execution: { namedOrdinal: 9 },
    tasks: [pending],
    control: 'runTask',
    expected: { refusal: 'Task 9 is named already and starts first.' },
  },
  Run_while_one_runs: {
    execution: { runningCount: 1 },
    tasks: [pending],
    control: 'runTask',
    expected: { refusal: 'A task of it runs; name the next one when that has ended.' },
  },
  Run_during_a_pause_waits_for_the_resume: {
    execution: { reasonCode: 'PausedByUser', pauseRequested: true },
    tasks: [pending],
    control: 'runTask',
    expected: { change: { namedOrdinal: 1 } },
  },
  Run_two: {
    tasks: [pending, failed],
    control: 'runTask',
    expected: { refusal: 'One task at a time is run; name one.' },
  },
  Run_what_succeeded: {
    tasks: [succeeded],
    control: 'runTask',
    expected: { refusal: 'Task 5 is Success.', task: succeeded },
  },
  Run_in_another_mode: {
    execution: automatic,
    tasks: [pending],
    control: 'runTask',
    expected: { refusal: 'It is not in Debug mode and starts its tasks by itself.' },
  },
  Retry_several: {
    tasks: [failed, alsoFailed],
    control: 'retryTask',
    expected: { change: { reopened: 'Pending', acceptedFailures: 0 } },
  },
  Skip_one_that_has_not_failed: {
    tasks: [failed, pending],
    control: 'skipTask',
    expected: { refusal: 'Task 1 is Pending.', task: pending },
  },
  Retry_while_it_runs: {
    execution: automatic,
    tasks: [failed],
    control: 'retryTask',
    expected: { refusal: 'It is Running, and retryTask is not possible then.' },
  },
  Cancel_what_runs_and_what_is_pending: {
    execution: automatic,
    tasks: [pending, running],
    control: 'cancelTask',
    expected: { change: { stopped: true } },
  },
  Cancel_what_has_ended: {
    tasks: [running, failed],
    control: 'cancelTask',
    expected: { refusal: 'Task 3 is Failed.', task: failed },
  },
  Cancel_a_task_while_all_is_cancelled: {
    execution: { cancelRequested: true },
    tasks: [running],
    control: 'cancelTask',
    expected: { refusal: 'It is Waiting, and cancelTask is not possible then.' },
  },
}

test.each(Object.entries(rows))('%s', (_, { execution = {}, tasks, control, expected }) => {
  expect(decideTaskControl(makeExecution(execution), tasks, control)).toEqual(expected)
})
