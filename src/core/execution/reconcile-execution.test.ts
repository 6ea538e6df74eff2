import { assert, boolean, constantFrom, integer, property, record } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { check, makeCounts, makeOverdue, makeState, now } from '../../../test/decision-table.ts'
import { cancelTimeoutMs } from '../limits.ts'
import { renderEnglishReason } from '../reason/english-reasons.ts'
import { makeReason } from '../reason/reason.ts'
import { type ExecutionState, type OverdueInvocation, reconcileExecution } from './reconcile-execution.ts'
import { describeOutcomeSoFar } from './task-counts.ts'

const failurePaused = { mode: 'FailurePause', status: 'Waiting', reasonCode: 'FailurePause' } as const

describe('1: an ended execution does not change any more', () => {
  check({
    Success_with_work_left: {
      state: { status: 'Success', counts: makeCounts({ Pending: 1 }), candidates: [1] },
      expected: 'nothing',
    },
    Failed_with_an_overdue_invocation: { state: { status: 'Failed', overdue: [makeOverdue()] }, expected: 'nothing' },
    Cancelled_with_an_unstopped_invocation: {
      state: { status: 'Cancelled', cancelRequested: true, unstopped: 1, counts: makeCounts({ Running: 1 }) },
      expected: 'nothing',
    },
  })
})

describe('2: an invocation past its deadline ends its task', () => {
  const running = makeCounts({ Running: 1 })
  const overdue = (one: Partial<OverdueInvocation>, state: Partial<ExecutionState> = {}) => ({
    counts: running,
    overdue: [makeOverdue(one)],
    ...state,
  })
  check({
    Never_handed_out: { state: overdue({ state: 'queued' }), expected: 'end 1 Failed Unreachable | again' },
    Handed_out_and_never_acknowledged: { state: overdue({ state: 'sent' }), expected: 'end 1 Failed Lost | again' },
    Not_back_from_a_reboot: {
      state: overdue({ state: 'rebooting' }, { counts: makeCounts({ Rebooting: 1 }) }),
      expected: 'end 1 Failed RebootTimedOut | again',
    },
    Cancelled_and_not_back_from_a_reboot: {
      state: overdue({ state: 'rebooting', cancelRequested: true }, { cancelRequested: true }),
      expected: 'end 1 Cancelled CancelUnconfirmed | again',
    },
    Silent_while_running: { state: overdue({ state: 'running' }), expected: 'end 1 Failed Lost | again' },
    Told_to_stop_and_silent: {
      state: overdue({ cancelRequested: true }, { cancelRequested: true }),
      expected: 'end 1 Cancelled CancelUnconfirmed | again',
    },
    Told_to_stop_while_only_sent: {
      state: overdue({ state: 'sent', cancelRequested: true }, { cancelRequested: true }),
      expected: 'end 1 Cancelled CancelUnconfirmed | again',
    },
    Overdue_while_waiting_for_a_person: {
      state: overdue({}, { status: 'Waiting', reasonCode: 'PausedByUser', pauseRequested: true }),
      expected: 'end 1 Failed Lost | again',
    },
    Overdue_goes_before_starting_more: {
      state: overdue({}, { counts: makeCounts({ Running: 1, Pending: 3 }), candidates: [2] }),
      expected: 'end 1 Failed Lost | again',
    },
  })
})

test('a task that is rebooting counts as running in every decision', () => {
  const count = integer({ min: 0, max: 4 })
  const tasks = record({ Pending: count, Running: count, Rebooting: count, Success: count, Failed: count })
  const state = record({
    mode: constantFrom('Automatic' as const, 'FailurePause' as const, 'Debug' as const),
    pauseRequested: boolean(),
    cancelRequested: boolean(),
    openBatch: constantFrom(0, 1, 2),
    candidates: constantFrom([], [5], [5, 6, 7]),
    unstopped: count,
  })
  assert(
    property(tasks, state, ({ Running, Rebooting, ...rest }, more) => {
      const asRunning = makeState({ ...more, counts: makeCounts({ ...rest, Running: Running + Rebooting }) })
      const rebooting = makeState({ ...more, counts: makeCounts({ ...rest, Running, Rebooting }) })
      expect(reconcileExecution(rebooting, now)).toEqual(reconcileExecution(asRunning, now))
    }),
  )
})

describe('3: cancel', () => {
  const cancelled = { cancelRequested: true }
  check({
    Pending_ends_and_running_is_told: {
      state: { ...cancelled, counts: makeCounts({ Pending: 3, Running: 1 }), unstopped: 1, candidates: [2] },
      expected: `end pending Cancelled CancelledByUser | stop within ${cancelTimeoutMs} | Running CancelRequested | again`,
    },
    Cancel_while_waiting: {
      state: { ...cancelled, ...failurePaused, counts: makeCounts({ Failed: 1, Pending: 3 }) },
      expected: 'end pending Cancelled CancelledByUser | Running CancelRequested | again',
    },
    All_told_waits_for_the_answer: {
      state: {
        ...cancelled,
        reasonCode: 'CancelRequested',
        counts: makeCounts({ Running: 1 }),
        nextDeadlineAt: now + 9,
      },
      expected: 'wake +9',
    },
    Cancel_before_anything_began: {
      state: { ...cancelled, status: 'Started', openBatch: 0, counts: makeCounts({ Pending: 4 }) },
      expected: 'end pending Cancelled CancelledByUser | Running CancelRequested | again',
    },
    Cancel_with_an_unseen_failure_and_nothing_left: {
      state: { ...cancelled, ...failurePaused, counts: makeCounts({ Success: 3, Failed: 1 }) },
      expected: 'Failed TargetsFailed',
    },
    Cancel_and_pause_at_once: {
      state: { ...cancelled, pauseRequested: true, counts: makeCounts({ Pending: 1 }) },
      expected: 'end pending Cancelled CancelledByUser | Running CancelRequested | again',
    },
  })
})

describe('4: error budget', () => {
  check({
    Error_budget_spent_while_running: {
      state: {
        counts: makeCounts({ Failed: 2, Running: 1, Pending: 1 }, { Pending: 4 }),
        candidates: [4],
        nextDeadlineAt: now + 7,
      },
      expected: 'end pending Cancelled ErrorBudgetSpent | Running ErrorBudgetSpent | again | wake +7',
    },
    Error_budget_spent_with_nothing_pending: {
      state: { counts: makeCounts({ Failed: 2, Running: 1 }), nextDeadlineAt: now + 7 },
      expected: 'Running ErrorBudgetSpent | wake +7',
    },
    Error_budget_spent_and_said_so: {
      state: { reasonCode: 'ErrorBudgetSpent', counts: makeCounts({ Failed: 2, Running: 1 }), nextDeadlineAt: now + 7 },
      expected: 'wake +7',
    },
    Last_allowed_failure_goes_on: {
      state: { counts: makeCounts({ Failed: 1, Running: 1, Pending: 2 }), candidates: [3] },
      expected: 'start 3',
    },
    First_failure_with_no_budget: {
      state: { counts: makeCounts({ Failed: 1, Pending: 2 }), candidates: [3] },
      rates: { maxErrors: 0 },
      expected: 'end pending Cancelled ErrorBudgetSpent | Running ErrorBudgetSpent | again',
    },
    Error_budget_spent_while_paused: {
      state: {
        status: 'Waiting',
        reasonCode: 'PausedByUser',
        pauseRequested: true,
        counts: makeCounts({ Failed: 2, Pending: 2 }),
      },
      expected: 'end pending Cancelled ErrorBudgetSpent | Running ErrorBudgetSpent | again',
    },
    Failures_of_earlier_batches_count: {
      state: {
        openBatch: 2,
        counts: makeCounts({ Success: 3, Failed: 1 }, { Failed: 1, Pending: 3 }),
        candidates: [6],
      },
      expected: 'end pending Cancelled ErrorBudgetSpent | Running ErrorBudgetSpent | again',
    },
    Failure_pause_has_no_budget: {
      state: {
        mode: 'FailurePause',
        acceptedFailures: 3,
        counts: makeCounts({ Failed: 3, Pending: 1 }),
        candidates: [4],
      },
      expected: 'start 4',
    },
  })
})

describe('5: the verdict', () => {
  check({
    No_targets: {
      state: { status: 'Started', openBatch: 0 },
      rates: { batchSizes: [] },
      expected: 'Success NothingToDo',
    },
    All_ended_by_the_plan: {
      state: {
        status: 'Started',
        openBatch: 0,
        counts: [{ batch: 0, status: 'Success', reasonCode: 'AlreadyAsWanted', count: 3 }],
      },
      rates: { batchSizes: [] },
      expected: 'Success NothingToDo',
    },
    All_skipped_by_the_plan: {
      state: {
        status: 'Started',
        openBatch: 0,
        counts: [{ batch: 0, status: 'Skipped', reasonCode: 'NotInScope', count: 3 }],
      },
      rates: { batchSizes: [] },
      expected: 'Failed TargetsSkipped',
    },
    Last_task_succeeds: {
      state: { counts: makeCounts({ Success: 4 }, { Success: 4 }) },
      expected: 'Success AllSucceeded',
    },
    Paused_with_nothing_left: {
      state: { pauseRequested: true, counts: makeCounts({ Success: 4 }, { Success: 4 }) },
      expected: 'Success AllSucceeded',
    },
    Last_task_fails_in_failure_pause: {
      state: { mode: 'FailurePause', counts: makeCounts({ Success: 3, Failed: 1 }) },
      expected: 'Waiting FailurePause',
    },
    Last_failure_accepted: {
      state: { mode: 'FailurePause', acceptedFailures: 1, counts: makeCounts({ Success: 3, Failed: 1 }) },
      expected: 'Success FailuresAccepted',
    },
    Last_failure_skipped: {
      state: { ...failurePaused, counts: makeCounts({ Success: 3, Skipped: { SkippedByUser: 1 } }) },
      expected: 'Success FailuresAccepted',
    },
    Last_failure_accepted_but_strict: {
      state: { mode: 'FailurePause', strict: true, acceptedFailures: 1, counts: makeCounts({ Success: 3, Failed: 1 }) },
      expected: 'Failed TargetsFailed',
    },
    Failures_within_the_accepted_number: {
      state: { counts: makeCounts({ Success: 3, Failed: 1 }) },
      rates: { maxErrors: 1 },
      expected: 'Success FailuresAccepted',
    },
    One_still_runs: {
      state: {
        openBatch: 2,
        reason: makeReason('BatchOpen', { batch: 2, batchCount: 2 }),
        counts: makeCounts({ Success: 4 }, { Success: 3, Running: 1 }),
        nextDeadlineAt: now + 7,
      },
      expected: 'wake +7',
    },
  })
})

describe('6: a pause, or a failure that no operator has decided about', () => {
  check({
    Paused_while_running: {
      state: {
        pauseRequested: true,
        counts: makeCounts({ Running: 1, Pending: 3 }),
        candidates: [2],
        nextDeadlineAt: now + 7,
      },
      expected: 'Waiting PausedByUser | wake +7',
    },
    Paused_while_queued: {
      state: {
        status: 'Queued',
        reasonCode: 'WaitingForOtherExecution',
        pauseRequested: true,
        counts: makeCounts({ Pending: 4 }),
        blocked: 4,
      },
      expected: 'Waiting PausedByUser',
    },
    Paused_before_it_began: {
      state: { status: 'Started', openBatch: 0, pauseRequested: true, counts: makeCounts({ Pending: 4 }) },
      expected: 'Waiting PausedByUser',
    },
    Paused_on_top_of_a_failure: {
      state: { ...failurePaused, pauseRequested: true, counts: makeCounts({ Failed: 1, Pending: 3 }) },
      expected: 'Waiting PausedByUser',
    },
    Failure_while_others_run: {
      state: {
        mode: 'FailurePause',
        counts: makeCounts({ Failed: 1, Running: 1, Pending: 2 }),
        candidates: [3],
        nextDeadlineAt: now + 7,
      },
      expected: 'Waiting FailurePause | wake +7',
    },
    Second_failure_while_asking: {
      state: {
        ...failurePaused,
        reason: [
          ...makeReason('FailuresToDecide', { failed: 1 }),
          ...describeOutcomeSoFar(makeCounts({ Failed: 1, Running: 1, Pending: 2 })),
        ],
        counts: makeCounts({ Failed: 2, Pending: 2 }),
      },
      expected: 'Waiting FailurePause',
    },
    One_failure_accepted_and_one_new: {
      state: {
        mode: 'FailurePause',
        acceptedFailures: 1,
        counts: makeCounts({ Failed: 2, Pending: 2 }),
        candidates: [3],
      },
      expected: 'Waiting FailurePause',
    },
    Failure_retried: {
      state: { ...failurePaused, counts: makeCounts({ Success: 2, Pending: 2 }), candidates: [1, 4] },
      expected: 'start 1,4 | Running Dispatching',
    },
  })

  test('reconciling twice changes nothing', () => {
    const state = makeState({ mode: 'FailurePause', counts: makeCounts({ Failed: 1, Running: 1, Pending: 2 }) })
    const [change] = reconcileExecution(state, now).changes
    if (change?.kind !== 'setStatus') throw new Error('it does not ask')
    const { status, reasonCode, reason } = change
    expect(renderEnglishReason(reason)).toBe(
      '1 failed. Retry or skip, resume to accept the failure and continue, or cancel. 1 failed (ScriptFailed 1), 1 running, 2 pending.',
    )
    expect(reconcileExecution({ ...state, status, reasonCode, reason }, now).changes).toEqual([])
  })
})

describe('7: batches', () => {
  const firstDone = { openBatch: 1, counts: makeCounts({ Success: 4 }, { Pending: 4 }) }
  const secondDone = { openBatch: 2, counts: makeCounts({ Success: 4 }, { Success: 4 }, { Pending: 4 }) }
  check({
    First_batch_opens: {
      state: { status: 'Started', openBatch: 0, counts: makeCounts({ Pending: 4 }) },
      expected: 'open 1 | again',
    },
    Next_batch_opens: { state: firstDone, expected: 'open 2 | again' },
    One_still_runs_in_the_batch_before: {
      state: { counts: makeCounts({ Success: 3, Running: 1 }, { Pending: 4 }), nextDeadlineAt: now + 7 },
      expected: 'wake +7',
    },
    First_batch_never_asks: {
      state: { status: 'Started', openBatch: 0, counts: makeCounts({ Pending: 4 }) },
      rates: { batchPause: 'EveryBatchPause' },
      expected: 'open 1 | again',
    },
    First_batch_pause_asks_after_the_first: {
      state: firstDone,
      rates: { batchPause: 'FirstBatchPause' },
      expected: 'Waiting BatchPause',
    },
    First_batch_pause_does_not_ask_again: {
      state: secondDone,
      rates: { batchPause: 'FirstBatchPause' },
      expected: 'open 3 | again',
    },
    Every_batch_pause_asks_again: {
      state: secondDone,
      rates: { batchPause: 'EveryBatchPause' },
      expected: 'Waiting BatchPause',
    },
    Failed_batch_within_the_budget_is_done: {
      state: { counts: makeCounts({ Success: 3, Failed: 1 }, { Pending: 4 }) },
      expected: 'open 2 | again',
    },
    Task_of_an_older_batch_retried: {
      state: {
        mode: 'FailurePause',
        openBatch: 2,
        reason: makeReason('BatchOpen', { batch: 2, batchCount: 2 }),
        counts: makeCounts({ Success: 3, Pending: 1 }, { Running: 1, Pending: 3 }),
        candidates: [4, 6],
      },
      expected: 'start 4',
    },
    Retried_task_keeps_the_next_batch_closed: {
      state: { openBatch: 1, counts: makeCounts({ Success: 3, Running: 1 }, { Pending: 4 }) },
      rates: { batchPause: 'EveryBatchPause' },
      expected: 'nothing',
    },
  })
})

describe('8: starting', () => {
  check({
    Never_more_than_the_concurrency: {
      state: { counts: makeCounts({ Running: 1, Pending: 3 }), candidates: [2, 3, 4] },
      expected: 'start 2',
    },
    All_places_taken: {
      state: { counts: makeCounts({ Running: 2, Pending: 2 }), candidates: [3, 4], nextDeadlineAt: now + 7 },
      expected: 'wake +7',
    },
    Concurrency_larger_than_the_batch: {
      state: { counts: makeCounts({ Pending: 2 }, { Pending: 9 }), candidates: [1, 2] },
      rates: { concurrency: 50 },
      expected: 'start 1,2',
    },
    More_run_than_may: {
      state: { counts: makeCounts({ Running: 3, Pending: 1 }), candidates: [4] },
      expected: 'nothing',
    },
    Places_behind_blocked_tasks_are_filled: {
      state: { counts: makeCounts({ Pending: 4 }), candidates: [3, 4], blocked: 2 },
      expected: 'start 3,4 | wake +5000',
    },
    All_wait_for_another_execution: {
      state: { counts: makeCounts({ Pending: 4 }), blocked: 4 },
      expected: 'Queued WaitingForOtherExecution | wake +5000',
    },
    Some_wait_and_some_run: {
      state: { counts: makeCounts({ Running: 1, Pending: 3 }), blocked: 3, nextDeadlineAt: now + 7 },
      expected: 'wake +7',
    },
    Wait_is_over: {
      state: {
        status: 'Queued',
        reasonCode: 'WaitingForOtherExecution',
        counts: makeCounts({ Pending: 4 }),
        candidates: [1, 2],
      },
      expected: 'start 1,2 | Running Dispatching',
    },
    Still_waiting: {
      state: {
        status: 'Queued',
        reasonCode: 'WaitingForOtherExecution',
        counts: makeCounts({ Pending: 4 }),
        blocked: 4,
      },
      expected: 'wake +5000',
    },
  })
})
