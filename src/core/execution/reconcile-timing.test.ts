import { describe } from 'vitest'
import { check, makeCounts, now } from '../../../test/decision-table.ts'
import type { StartTiming } from '../timing/find-start-delay.ts'
import type { Window } from '../timing/window.ts'

const window: Window = { days: [1], startMinute: 60, endMinute: 120, timeZone: 'UTC' }
const closed: StartTiming = { window: { window, local: { day: 1, minute: 50 } } }
const open: StartTiming = { window: { window, local: { day: 1, minute: 60 } } }
const pending = { counts: makeCounts({ Pending: 4 }, { Pending: 4 }), candidates: [1, 2, 3, 4] }
// `now` is 1,000,000 ms: 16 minutes and 40 seconds.
const inTenMinutes = (16 + 10) * 60_000 - now

describe('9: nothing starts before the start time, outside the window or in a freeze', () => {
  check({
    Before_the_start: {
      state: { ...pending, openBatch: 0, timing: { notBefore: now + 5_000 } },
      expected: 'Waiting NotYet | wake +5000',
    },
    At_the_start: { state: { ...pending, openBatch: 0, timing: { notBefore: now } }, expected: 'open 1 | again' },
    Window_closed: { state: { ...pending, timing: closed }, expected: `Waiting OutsideWindow | wake +${inTenMinutes}` },
    Window_open: { state: { ...pending, timing: open }, expected: 'start 1,2' },
    Frozen: {
      state: { ...pending, timing: { freeze: { name: 'holidays', until: now + 7_000 } } },
      expected: 'Waiting Frozen | wake +7000',
    },
    Frozen_with_a_running_task: {
      state: {
        counts: makeCounts({ Running: 1, Pending: 3 }, { Pending: 4 }),
        candidates: [2, 3],
        timing: { freeze: { name: 'holidays', until: now + 7_000 } },
      },
      expected: 'Running Frozen | wake +7000',
    },
    Window_closes_after_a_batch: {
      state: { counts: makeCounts({ Success: 4 }, { Pending: 4 }), timing: closed },
      expected: `Waiting OutsideWindow | wake +${inTenMinutes}`,
    },
    Everything_has_run: {
      state: { counts: makeCounts({ Success: 4 }, { Success: 4 }), openBatch: 2, timing: closed },
      expected: 'Success AllSucceeded',
    },
    Cancelled: {
      state: { ...pending, timing: closed, cancelRequested: true },
      expected: 'end pending Cancelled CancelledByUser | Running CancelRequested | again',
    },
  })
})
