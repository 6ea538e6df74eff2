import { describe } from 'vitest'
import { check, makeCounts, now } from '../../../test/decision-table.ts'
import type { PlanApproval } from '../trust/plan-approval.ts'

const approval = (signed: number, expiresAt = now + 5_000): PlanApproval => ({ threshold: 2, signed, expiresAt })
const pending = { counts: makeCounts({ Pending: 4 }, { Pending: 4 }), candidates: [1, 2, 3, 4] }

describe('9: nothing starts before enough approvers have signed, or after their signatures expired', () => {
  check({
    Not_signed: {
      state: { ...pending, openBatch: 0, approval: approval(1) },
      expected: 'Waiting AwaitingSignatures | wake +5000',
    },
    Signed: { state: { ...pending, openBatch: 0, approval: approval(2) }, expected: 'open 1 | again' },
    Signed_and_open: { state: { ...pending, approval: approval(3) }, expected: 'start 1,2' },
    Expired_unsigned: {
      state: { ...pending, openBatch: 0, approval: approval(1, now) },
      expected: 'end pending Cancelled SignaturesExpired | again',
    },
    Expired_while_tasks_run: {
      state: { counts: makeCounts({ Running: 1, Pending: 3 }, { Pending: 4 }), approval: approval(2, now - 1) },
      expected: 'end pending Cancelled SignaturesExpired | again',
    },
    Everything_has_run: {
      state: { counts: makeCounts({ Success: 4 }, { Success: 4 }), openBatch: 2, approval: approval(2, now - 1) },
      expected: 'Success AllSucceeded',
    },
    Ended_by_the_expiry: {
      state: {
        counts: makeCounts({ Success: 4 }, { Cancelled: { SignaturesExpired: 4 } }),
        openBatch: 1,
        approval: approval(2, now - 1),
      },
      expected: 'Failed SignaturesExpired',
    },
    Cancelled: {
      state: { ...pending, approval: approval(0), cancelRequested: true },
      expected: 'end pending Cancelled CancelledByUser | Running CancelRequested | again',
    },
    Paused: {
      state: { ...pending, approval: approval(0), pauseRequested: true },
      expected: 'Waiting PausedByUser',
    },
  })
})
