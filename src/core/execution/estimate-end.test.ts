import fc from 'fast-check'
import { expect, test } from 'vitest'
import { estimateEnd } from './estimate-end.ts'
import { executionStatuses } from './execution.ts'

const everySecond = [1_000, 2_000, 3_000, 4_000]

test.each([
  ['ten left, one a second', { status: 'Running', now: 4_000, left: 10, endedAt: everySecond }, 14_000],
  [
    'the order of ends does not matter',
    { status: 'Running', now: 4_000, left: 10, endedAt: everySecond.toReversed() },
    14_000,
  ],
  ['no end for five seconds: later', { status: 'Running', now: 9_000, left: 10, endedAt: everySecond }, 24_000],
  ['never in the past', { status: 'Running', now: 60_000, left: 1, endedAt: everySecond }, 60_000],
  ['too little has ended', { status: 'Running', now: 4_000, left: 10, endedAt: [1_000, 2_000] }, undefined],
  ['it waits', { status: 'Waiting', now: 4_000, left: 10, endedAt: everySecond }, undefined],
  ['it is over', { status: 'Success', now: 4_000, left: 0, endedAt: everySecond }, undefined],
] as const)('%s', (_, pace, expected) => {
  expect(estimateEnd(pace)).toBe(expected)
})

test('an expected end is not before now; more remaining tasks, and longer silence, make it later', () => {
  const pace = fc.record({
    status: fc.constantFrom(...executionStatuses),
    now: fc.integer({ min: 100_000, max: 200_000 }),
    left: fc.nat(100_000),
    endedAt: fc.array(fc.integer({ min: 0, max: 100_000 }), { maxLength: 300 }),
  })
  fc.assert(
    fc.property(pace, (one) => {
      const end = estimateEnd(one)
      if (end === undefined) return
      expect(end).toBeGreaterThanOrEqual(one.now)
      expect(estimateEnd({ ...one, left: one.left + 1 })).toBeGreaterThanOrEqual(end)
      expect(estimateEnd({ ...one, now: one.now + 1_000 })).toBeGreaterThanOrEqual(end)
    }),
  )
})
