import { expect, test } from 'vitest'
import { chooseBatches, findBatchState, findGateStates } from './batch-state.ts'

const makeBatch = (number: number, change: object = {}) => ({
  number,
  size: 10,
  pending: 0,
  running: 0,
  rebooting: 0,
  success: 0,
  failed: 0,
  cancelled: 0,
  skipped: 0,
  ...change,
})
const going = { status: 'Running', reasonCode: 'Dispatching', openBatch: 2 } as const
const approval = { status: 'Waiting', reasonCode: 'BatchPause', openBatch: 1 } as const

test.each([
  [makeBatch(1, { success: 10 }), going, 'ended'],
  [makeBatch(1, { success: 9, failed: 1 }), going, 'failed'],
  [makeBatch(2, { running: 3, pending: 7 }), going, 'open'],
  [makeBatch(3, { pending: 10 }), going, 'ahead'],
  [makeBatch(2, { pending: 10 }), approval, 'approval'],
  [makeBatch(3, { pending: 10 }), approval, 'ahead'],
  [makeBatch(2, { pending: 10 }), { ...going, status: 'Waiting', reasonCode: 'PausedByUser' } as const, 'paused'],
  [makeBatch(3, { cancelled: 10 }), { ...going, status: 'Cancelled' } as const, 'cancelled'],
] as const)('batch %j of %j is %s', (batch, execution, state) => {
  expect(findBatchState(batch, execution)).toBe(state)
})

test('the gates between two batches are passed in order', () => {
  const batches = [makeBatch(1, { success: 10 }), makeBatch(2, { success: 10 }), makeBatch(3, { pending: 10 })]
  const gates = ['soak:10m', 'approval:1', 'http:https://a']
  const at = { batch: 2, gate: 'approval:1', index: 2, beganAt: '2026-12-01T00:00:00Z', approvals: [] }
  const find = (number: number, gate?: object, openBatch = 2) =>
    findGateStates(batches[number - 1] ?? makeBatch(number), {
      openBatch,
      batches,
      rateControl: { gates } as never,
      ...(gate && { gate: gate as typeof at }),
    }).map(({ state }) => state)
  expect(find(1)).toEqual(['passed', 'passed', 'passed'])
  expect(find(2)).toEqual(['waiting', 'ahead', 'ahead'])
  expect(find(2, { ...at, batch: 1, outcome: 'passed' })).toEqual(['waiting', 'ahead', 'ahead'])
  expect(find(2, at)).toEqual(['passed', 'waiting', 'ahead'])
  expect(find(2, { ...at, outcome: 'failed' })).toEqual(['passed', 'failed', 'ahead'])
  expect(find(2, at, 1)).toEqual(['ahead', 'ahead', 'ahead'])
  expect(find(3, at)).toEqual([])
})

test('for many batches, those around the open one are shown', () => {
  const batches = Array.from({ length: 50 }, (_, place) => makeBatch(place + 1))
  const numbers = (open: number) => chooseBatches(batches, open, 4).map(({ number }) => number)
  expect(numbers(1)).toEqual([1, 2, 3, 4])
  expect(numbers(20)).toEqual([18, 19, 20, 21])
  expect(numbers(50)).toEqual([47, 48, 49, 50])
})
