import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { renderEnglishReason } from '../reason/english-reasons.ts'
import { isTaskEnded, taskReasonCodes, taskStatuses } from './execution.ts'
import { describeOutcome, findVerdict, type TaskCount, totalTasks } from './task-counts.ts'

/** `['Success', 'Succeeded', 3]` per row. */
const makeCounts = (...rows: [TaskCount['status'], TaskCount['reasonCode'], number, batch?: number][]): TaskCount[] =>
  rows.map(([status, reasonCode, count, batch = 1]) => ({ batch, status, reasonCode, count }))

interface Row {
  readonly counts: TaskCount[]
  readonly cancelRequested?: boolean
  readonly strict?: boolean
  readonly acceptedFailures?: number
  readonly expected: string
}

const done: [TaskCount['status'], TaskCount['reasonCode'], number] = ['Success', 'Succeeded', 2]

const verdicts: Readonly<Record<string, Row>> = {
  All_succeeded: { counts: makeCounts(done), expected: 'Success AllSucceeded: 2 succeeded' },
  Succeeded_in_two_batches: {
    counts: makeCounts(['Success', 'Succeeded', 2, 1], ['Success', 'Succeeded', 3, 2]),
    expected: 'Success AllSucceeded: 5 succeeded',
  },
  No_targets: { counts: [], expected: 'Success NothingToDo: no targets' },
  All_as_wanted: {
    counts: makeCounts(['Success', 'AlreadyAsWanted', 3, 0]),
    expected: 'Success NothingToDo: 3 already as wanted',
  },
  Some_as_wanted: {
    counts: makeCounts(done, ['Success', 'AlreadyAsWanted', 3, 0]),
    expected: 'Success AllSucceeded: 2 succeeded, 3 already as wanted',
  },
  One_failed: {
    counts: makeCounts(done, ['Failed', 'Unreachable', 1]),
    expected: 'Failed TargetsFailed: 2 succeeded, 1 failed (Unreachable 1)',
  },
  Failed_for_several_reasons_the_most_frequent_first: {
    counts: makeCounts(
      ['Failed', 'Lost', 1, 1],
      ['Failed', 'ScriptFailed', 2, 1],
      ['Failed', 'ScriptFailed', 2, 2],
      ['Failed', 'DiskFull', 1, 2],
    ),
    expected: 'Failed TargetsFailed: 6 failed (ScriptFailed 4, DiskFull 1, Lost 1)',
  },
  Failures_within_the_accepted_number: {
    counts: makeCounts(done, ['Failed', 'Unreachable', 2], ['Failed', 'ScriptFailed', 1]),
    acceptedFailures: 3,
    expected: 'Success FailuresAccepted: 2 succeeded, 3 accepted failures (Unreachable 2, ScriptFailed 1)',
  },
  One_more_failure_than_accepted: {
    counts: makeCounts(done, ['Failed', 'ScriptFailed', 4]),
    acceptedFailures: 3,
    expected: 'Failed TargetsFailed: 2 succeeded, 4 failed (ScriptFailed 4)',
  },
  Accepted_failures_but_strict: {
    counts: makeCounts(done, ['Failed', 'ScriptFailed', 1]),
    acceptedFailures: 3,
    strict: true,
    expected: 'Failed TargetsFailed: 2 succeeded, 1 failed (ScriptFailed 1)',
  },
  All_failed_as_many_as_accepted: {
    counts: makeCounts(['Failed', 'ScriptFailed', 3]),
    acceptedFailures: 3,
    expected: 'Failed TargetsFailed: 3 failed (ScriptFailed 3)',
  },
  One_left_out_by_the_plan: {
    counts: makeCounts(done, ['Skipped', 'NotInScope', 1, 0]),
    expected: 'Success TargetsLeftOut: 2 succeeded, 1 left out (NotInScope 1)',
  },
  One_left_out_but_strict: {
    counts: makeCounts(done, ['Skipped', 'NotInScope', 1, 0]),
    strict: true,
    expected: 'Failed TargetsSkipped: 2 succeeded, 1 left out (NotInScope 1)',
  },
  All_left_out: {
    counts: makeCounts(['Skipped', 'NotInScope', 2, 0], ['Skipped', 'NotInstalled', 1, 0]),
    expected: 'Failed TargetsSkipped: 1 not installed, 2 left out (NotInScope 2)',
  },
  Update_of_those_that_have_it: {
    counts: makeCounts(done, ['Skipped', 'NotInstalled', 303, 0]),
    expected: 'Success TargetsLeftOut: 2 succeeded, 303 not installed',
  },
  Update_where_none_has_it: {
    counts: makeCounts(['Skipped', 'NotInstalled', 303, 0]),
    expected: 'Success NothingToDo: 303 not installed',
  },
  Update_where_none_has_it_but_strict: {
    counts: makeCounts(['Skipped', 'NotInstalled', 303, 0]),
    strict: true,
    expected: 'Failed TargetsSkipped: 303 not installed',
  },
  Failure_skipped_by_a_user: {
    counts: makeCounts(done, ['Skipped', 'SkippedByUser', 1]),
    expected: 'Success FailuresAccepted: 2 succeeded, 1 skipped (SkippedByUser 1)',
  },
  Failed_and_left_out: {
    counts: makeCounts(['Failed', 'Lost', 1], ['Skipped', 'NotInScope', 1, 0]),
    expected: 'Failed TargetsFailed: 1 failed (Lost 1), 1 left out (NotInScope 1)',
  },
  Error_budget_spent: {
    counts: makeCounts(done, ['Failed', 'ScriptFailed', 2], ['Cancelled', 'ErrorBudgetSpent', 5]),
    expected: 'Failed ErrorBudgetSpent: 2 succeeded, 2 failed (ScriptFailed 2), 5 cancelled (ErrorBudgetSpent 5)',
  },
  Cancelled: {
    counts: makeCounts(done, ['Cancelled', 'CancelledByUser', 5]),
    cancelRequested: true,
    expected: 'Cancelled CancelledByUser: 2 succeeded, 5 cancelled (CancelledByUser 5)',
  },
  Cancel_unconfirmed: {
    counts: makeCounts(['Cancelled', 'CancelUnconfirmed', 1]),
    cancelRequested: true,
    expected: 'Cancelled CancelledByUser: 1 cancelled (CancelUnconfirmed 1)',
  },
  Cancel_too_late_hides_no_success: {
    counts: makeCounts(done),
    cancelRequested: true,
    expected: 'Success AllSucceeded: 2 succeeded',
  },
  Cancel_too_late_hides_no_failure: {
    counts: makeCounts(done, ['Failed', 'Lost', 1]),
    cancelRequested: true,
    expected: 'Failed TargetsFailed: 2 succeeded, 1 failed (Lost 1)',
  },
  Cancel_too_late_hides_no_spent_budget: {
    counts: makeCounts(done, ['Failed', 'Lost', 1], ['Cancelled', 'ErrorBudgetSpent', 5]),
    cancelRequested: true,
    expected: 'Failed ErrorBudgetSpent: 2 succeeded, 1 failed (Lost 1), 5 cancelled (ErrorBudgetSpent 5)',
  },
  Cancel_stops_what_a_spent_budget_let_finish: {
    counts: makeCounts(
      ['Failed', 'Lost', 1],
      ['Cancelled', 'ErrorBudgetSpent', 5],
      ['Cancelled', 'CancelledByUser', 1],
    ),
    cancelRequested: true,
    expected: 'Cancelled CancelledByUser: 1 failed (Lost 1), 6 cancelled (ErrorBudgetSpent 5, CancelledByUser 1)',
  },
  Cancelled_by_nobody: {
    counts: makeCounts(done, ['Cancelled', 'CancelledByUser', 1]),
    expected: 'Failed TargetsFailed: 2 succeeded, 1 cancelled (CancelledByUser 1)',
  },
  Agent_fails_for_a_reason_that_is_no_failure: {
    counts: makeCounts(done, ['Failed', 'AlreadyAsWanted', 1], ['Failed', 'ErrorBudgetSpent', 1]),
    expected: 'Failed TargetsFailed: 2 succeeded, 2 failed (AlreadyAsWanted 1, ErrorBudgetSpent 1)',
  },
  Rows_that_came_down_to_nothing: {
    counts: makeCounts(done, ['Failed', 'Lost', 0], ['Cancelled', 'ErrorBudgetSpent', 0]),
    expected: 'Success AllSucceeded: 2 succeeded',
  },
}

test.each(Object.entries(verdicts))(
  '%s',
  (_, { counts, cancelRequested = false, strict = false, acceptedFailures = 0, expected }) => {
    const { status, reasonCode, reason } = findVerdict(counts, { cancelRequested, strict, acceptedFailures })
    expect(`${status} ${reasonCode}: ${renderEnglishReason(reason)}`).toBe(expected)
  },
)

const countsArbitrary = fc.array(
  fc.record<TaskCount>({
    batch: fc.nat({ max: 3 }),
    status: fc.constantFrom(...taskStatuses),
    reasonCode: fc.constantFrom(...taskReasonCodes),
    count: fc.nat({ max: 1_000 }),
  }),
)

const sumOf = (counts: readonly TaskCount[]) => counts.reduce((sum, { count }) => sum + count, 0)

describe('for any counts', () => {
  test('strict: Success if and only if there are only successes', () => {
    fc.assert(
      fc.property(countsArbitrary, fc.boolean(), (counts, cancelRequested) => {
        const ended = counts.filter(({ status }) => isTaskEnded(status))
        const perfect = ended.every(({ status, count }) => status === 'Success' || count === 0)
        const { status } = findVerdict(ended, { cancelRequested, strict: true, acceptedFailures: 9 })
        expect(status === 'Success').toBe(perfect)
      }),
    )
  })

  test('otherwise never Success if nothing succeeded and something failed, was cancelled or was skipped', () => {
    const verdictTerms = fc.record({ cancelRequested: fc.boolean(), strict: fc.boolean(), acceptedFailures: fc.nat() })
    fc.assert(
      fc.property(countsArbitrary, verdictTerms, (counts, terms) => {
        const unserved = counts.filter(
          ({ status, reasonCode, count }) => count > 0 && status !== 'Success' && reasonCode !== 'NotInstalled',
        )
        const ended = unserved.filter(({ status }) => isTaskEnded(status))
        if (ended.length > 0) expect(findVerdict(ended, terms).status).not.toBe('Success')
      }),
    )
  })

  test('Cancelled only if a user requested it', () => {
    fc.assert(
      fc.property(countsArbitrary, (counts) => {
        expect(findVerdict(counts, { cancelRequested: false, strict: false, acceptedFailures: 0 }).status).not.toBe(
          'Cancelled',
        )
      }),
    )
  })

  test('the sentence contains every target, and every reason of tasks that did not succeed', () => {
    fc.assert(
      fc.property(countsArbitrary, (counts) => {
        const sentence = renderEnglishReason(describeOutcome(counts))
        const numbers = sentence.replaceAll(/\([^)]*\)/g, '').matchAll(/\d+/g)
        expect([...numbers].reduce((sum, [number]) => sum + Number(number), 0)).toBe(sumOf(counts))
        for (const { status, reasonCode, count } of counts) {
          const isNotInstalled = status === 'Skipped' && reasonCode === 'NotInstalled'
          if (count > 0 && ['Failed', 'Skipped', 'Cancelled'].includes(status))
            expect(sentence).toContain(isNotInstalled ? 'not installed' : reasonCode)
        }
      }),
    )
  })

  test('totals contain every task once', () => {
    fc.assert(
      fc.property(countsArbitrary, (counts) => {
        expect(Object.values(totalTasks(counts)).reduce((sum, count) => sum + count, 0)).toBe(sumOf(counts))
        const first = totalTasks(counts, ({ batch }) => batch === 1)
        expect(Object.values(first).reduce((sum, count) => sum + count, 0)).toBe(
          sumOf(counts.filter(({ batch }) => batch === 1)),
        )
      }),
    )
  })
})
