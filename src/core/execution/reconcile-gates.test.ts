import { describe } from 'vitest'
import { check, makeCounts, now } from '../../../test/decision-table.ts'
import type { Gate, GateProgress } from '../gate/gate.ts'

const soak: Gate = { kind: 'soak', durationMs: 1_000 }
const approval: Gate = { kind: 'approval', count: 1, users: [], timeoutMs: 5_000 }
const gates = [soak, approval]
const counts = makeCounts({ Success: 4 }, { Pending: 4 })
const at = (more: Partial<GateProgress> = {}): GateProgress => ({
  batch: 1,
  gate: 0,
  beganAt: now,
  approvals: [],
  ...more,
})
const approved = { gate: 1, approvals: [{ user: 'ann', approves: true }] }
const failed = at({ outcome: 'failed', reason: [] })

describe('8: a batch opens when the gates after the batch before hold', () => {
  check({
    Batch_ended: { state: { counts }, rates: { gates }, expected: 'gate 0 after 1 | again' },
    Gate_of_an_earlier_batch: {
      state: { counts, gate: at({ batch: 0, outcome: 'passed' }) },
      rates: { gates },
      expected: 'gate 0 after 1 | again',
    },
    Too_early: { state: { counts, gate: at() }, rates: { gates }, expected: 'Waiting GateWait | wake +1000' },
    Time_is_over: {
      state: { counts, gate: at({ beganAt: now - 1_000 }) },
      rates: { gates },
      expected: 'gate passed | again',
    },
    First_passed: {
      state: { counts, gate: at({ outcome: 'passed' }) },
      rates: { gates },
      expected: 'gate 1 after 1 | again',
    },
    Not_approved: {
      state: { counts, gate: at({ gate: 1 }) },
      rates: { gates },
      expected: 'Waiting GateWait | wake +5000',
    },
    Approved: { state: { counts, gate: at(approved) }, rates: { gates }, expected: 'gate passed | again' },
    All_passed: {
      state: { counts, gate: at({ ...approved, outcome: 'passed' }) },
      rates: { gates },
      expected: 'open 2 | again',
    },
    All_passed_with_a_batch_pause: {
      state: { counts, gate: at({ ...approved, outcome: 'passed' }) },
      rates: { gates, batchPause: 'EveryBatchPause' },
      expected: 'Waiting BatchPause',
    },
    Paused_at_a_gate: {
      state: { counts, gate: at({ beganAt: 0 }), pauseRequested: true },
      rates: { gates },
      expected: 'Waiting PausedByUser',
    },
    Cancelled_at_a_gate: {
      state: { counts, gate: at(), cancelRequested: true },
      rates: { gates },
      expected: 'end pending Cancelled CancelledByUser | Running CancelRequested | again',
    },
    First_batch: {
      state: { openBatch: 0, counts: makeCounts({ Pending: 4 }) },
      rates: { gates },
      expected: 'open 1 | again',
    },
    Last_batch_ended: {
      state: { openBatch: 2, counts: makeCounts({ Success: 4 }, { Success: 4 }) },
      rates: { gates },
      expected: 'Success AllSucceeded',
    },
  })
})

describe('8: a failed gate', () => {
  check({
    Times_out: {
      state: { counts, gate: at({ gate: 1, beganAt: 0 }) },
      rates: { gates },
      expected: 'gate failed | again',
    },
    Pauses: { state: { counts, gate: failed }, rates: { gates }, expected: 'Waiting GateFailed' },
    Cancels: {
      state: { counts, gate: failed },
      rates: { gates, onGateFailure: 'cancel' },
      expected: 'end pending Cancelled GateFailed | again',
    },
    Rolls_back: {
      state: { counts, gate: failed },
      rates: { gates, onGateFailure: 'rollback' },
      expected: 'end pending Cancelled GateFailed | again',
    },
    Has_ended_the_rest: {
      state: { gate: failed, counts: makeCounts({ Success: 4 }, { Cancelled: { GateFailed: 4 } }) },
      rates: { gates, onGateFailure: 'rollback' },
      expected: 'Failed GateFailed',
    },
  })
})
