import { expect, test } from 'vitest'
import { makeReason } from '../reason/reason.ts'
import { type ControllableExecution, decideControl } from './control-execution.ts'
import { allowsControl, executionStatuses, isEnded } from './execution.ts'

const resumed = { status: 'Running', reasonCode: 'Dispatching', reason: makeReason('Resumed') }

const makeExecution = (execution: Partial<ControllableExecution>): ControllableExecution => ({
  status: 'Running',
  reasonCode: 'Dispatching',
  mode: 'Automatic',
  openBatch: 1,
  failedCount: 2,
  acceptedFailures: 0,
  pauseRequested: false,
  cancelRequested: false,
  ...execution,
})

interface Row {
  readonly execution: Partial<ControllableExecution>
  readonly control: 'pause' | 'resume' | 'cancel'
  readonly expected: object
}

const waiting = (reasonCode: ControllableExecution['reasonCode']) => ({ status: 'Waiting', reasonCode }) as const
const cancelling = { refusal: 'It is being cancelled; that cannot be undone.' }

const rows: Readonly<Record<string, Row>> = {
  Pause_while_running: { execution: {}, control: 'pause', expected: { change: { pauseRequested: true } } },
  Pause_while_queued: {
    execution: { status: 'Queued' },
    control: 'pause',
    expected: { change: { pauseRequested: true } },
  },
  Pause_twice: { execution: { pauseRequested: true }, control: 'pause', expected: { change: {} } },
  Pause_on_top_of_a_question: {
    execution: waiting('BatchPause'),
    control: 'pause',
    expected: { change: { pauseRequested: true } },
  },
  Pause_while_cancelling: { execution: { cancelRequested: true }, control: 'pause', expected: cancelling },
  Pause_after_the_end: {
    execution: { status: 'Success' },
    control: 'pause',
    expected: { refusal: 'It is Success, and pause is not possible then.' },
  },
  Resume_after_a_pause: {
    execution: { ...waiting('PausedByUser'), pauseRequested: true },
    control: 'resume',
    expected: { change: { pauseRequested: false, resumed } },
  },
  Resume_takes_back_a_pause_nothing_has_acted_on: {
    execution: { pauseRequested: true },
    control: 'resume',
    expected: { change: { pauseRequested: false } },
  },
  Resume_accepts_the_failures_it_was_asked_about: {
    execution: waiting('FailurePause'),
    control: 'resume',
    expected: { change: { acceptedFailures: 2, resumed } },
  },
  Resume_opens_the_batch_it_was_asked_about: {
    execution: waiting('BatchPause'),
    control: 'resume',
    expected: { change: { openBatch: 2, resumed } },
  },
  Resume_with_a_pause_on_top_of_a_question: {
    execution: { ...waiting('BatchPause'), pauseRequested: true },
    control: 'resume',
    expected: { change: { pauseRequested: false, openBatch: 2, resumed } },
  },
  Resume_of_what_is_not_paused: { execution: {}, control: 'resume', expected: { change: {} } },
  Resume_while_cancelling: {
    execution: { ...waiting('FailurePause'), cancelRequested: true },
    control: 'resume',
    expected: cancelling,
  },
  Resume_after_an_end_that_came_during_the_pause: {
    execution: { status: 'Success', reasonCode: 'AllSucceeded', pauseRequested: true },
    control: 'resume',
    expected: { refusal: 'It is Success, and resume is not possible then.' },
  },
  Cancel_while_waiting: {
    execution: waiting('FailurePause'),
    control: 'cancel',
    expected: { change: { cancelRequested: true } },
  },
  Cancel_twice: { execution: { cancelRequested: true }, control: 'cancel', expected: { change: {} } },
  Cancel_again_after_the_end: {
    execution: { status: 'Cancelled', cancelRequested: true },
    control: 'cancel',
    expected: { change: {} },
  },
  Cancel_after_the_end: {
    execution: { status: 'Failed' },
    control: 'cancel',
    expected: { refusal: 'It is Failed, and cancel is not possible then.' },
  },
}

test.each(Object.entries(rows))('%s', (_, { execution, control, expected }) => {
  expect(decideControl(makeExecution(execution), control)).toEqual(expected)
})

test.each(['BatchPause', 'FailurePause', 'PausedByUser'] as const)(
  'a second resume at %s has no further effect',
  (reasonCode) => {
    const first = makeExecution({ ...waiting(reasonCode), pauseRequested: reasonCode === 'PausedByUser' })
    const answer = decideControl(first, 'resume')
    if ('refusal' in answer) throw new Error(answer.refusal)
    const { resumed: status, cancelRequested: _, ...change } = answer.change
    expect(decideControl({ ...first, ...change, ...status, failedCount: 3 }, 'resume')).toEqual({ change: {} })
  },
)

test('nothing changes an execution that has ended', () => {
  for (const status of executionStatuses.filter(isEnded)) {
    for (const control of ['pause', 'resume', 'cancel'] as const) {
      for (const flags of [{}, { pauseRequested: true }, { cancelRequested: true }]) {
        const answer = decideControl(makeExecution({ status, ...flags }), control)
        expect('refusal' in answer ? {} : answer.change).toEqual({})
      }
    }
  }
})

test('in every status exactly the controls in the table are carried out', () => {
  for (const status of executionStatuses) {
    for (const control of ['pause', 'resume', 'cancel', 'complete'] as const) {
      const answer = decideControl(makeExecution({ status, mode: 'Debug' }), control)
      expect(`${status} ${control}: ${!('refusal' in answer)}`).toBe(
        `${status} ${control}: ${allowsControl(status, control)}`,
      )
    }
  }
})
