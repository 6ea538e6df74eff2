import { describe } from 'vitest'
import { check, makeCounts } from '../../../test/decision-table.ts'
import { makeReason } from '../reason/reason.ts'

describe('8: in Debug mode an operator starts each task', () => {
  const debug = { mode: 'Debug' } as const
  const one = { batchSizes: [4], concurrency: 1, maxErrors: 0 }
  check({
    Nothing_named: {
      state: { ...debug, counts: makeCounts({ Pending: 4 }) },
      rates: one,
      expected: 'Waiting DebugPause',
    },
    One_named: {
      state: { ...debug, taskNamed: true, counts: makeCounts({ Pending: 4 }), candidates: [3] },
      rates: one,
      expected: 'start 3 | Running Dispatching',
    },
    One_named_that_has_to_wait: {
      state: { ...debug, taskNamed: true, blocked: 1, counts: makeCounts({ Pending: 4 }) },
      rates: one,
      expected: 'Queued WaitingForOtherExecution | wake +5000',
    },
    One_runs: {
      state: {
        ...debug,
        counts: makeCounts({ Pending: 3, Running: 1 }),
        reason: makeReason('BatchOpen', { batch: 1, batchCount: 1 }),
      },
      rates: one,
      expected: 'nothing',
    },
    Failures_beyond_the_budget_end_nothing: {
      state: { ...debug, counts: makeCounts({ Pending: 1, Failed: 3 }) },
      rates: one,
      expected: 'Waiting DebugPause',
    },
    Nothing_left_but_failures: {
      state: { ...debug, counts: makeCounts({ Failed: 1, Success: 3 }) },
      rates: one,
      expected: 'Waiting DebugPause',
    },
    Nothing_left: {
      state: { ...debug, counts: makeCounts({ Success: 4 }) },
      rates: one,
      expected: 'Success AllSucceeded',
    },
    Completed_as_failed: {
      state: {
        ...debug,
        cancelRequested: true,
        completedAsFailed: true,
        counts: makeCounts({ Pending: 1, Success: 3 }),
      },
      rates: one,
      expected: 'end pending Cancelled CancelledByUser | Running CancelRequested | again',
    },
    Completed_as_failed_with_nothing_left: {
      state: {
        ...debug,
        cancelRequested: true,
        completedAsFailed: true,
        counts: makeCounts({ Cancelled: 1, Success: 3 }),
      },
      rates: one,
      expected: 'Failed CompletedAsFailed',
    },
    Completed_as_failed_with_successes_only: {
      state: { ...debug, cancelRequested: true, completedAsFailed: true, counts: makeCounts({ Success: 4 }) },
      rates: one,
      expected: 'Failed CompletedAsFailed',
    },
    Completed_with_failures: {
      state: { ...debug, cancelRequested: true, counts: makeCounts({ Failed: 1, Success: 3 }) },
      rates: one,
      expected: 'Failed TargetsFailed',
    },
  })
})
