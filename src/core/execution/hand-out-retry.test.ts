import { assert, double, integer, property } from 'fast-check'
import { expect, test } from 'vitest'
import { handOutDelayMs, maxHandOutDelayMs } from './hand-out-retry.ts'

test.each([
  [1, 0, 1_000],
  [1, 0.5, 750],
  [2, 0, 2_000],
  [3, 0, 4_000],
  [6, 0, 32_000],
  [7, 0, 60_000],
  [7, 0.5, 45_000],
  [40, 0, 60_000],
  [5_000, 0, 60_000],
])('after %i failures, with chance %d: %i ms', (failures, chance, delayMs) => {
  expect(handOutDelayMs(failures, chance)).toBe(delayMs)
})

test('a delay is never shorter than half of the previous one, never above the limit, and never zero', () => {
  const chance = double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
  assert(
    property(integer({ min: 1, max: 100_000 }), chance, chance, (failures, one, other) => {
      const delayMs = handOutDelayMs(failures, one)
      expect(delayMs).toBeGreaterThanOrEqual(500)
      expect(delayMs).toBeLessThanOrEqual(maxHandOutDelayMs)
      expect(handOutDelayMs(failures + 1, other)).toBeGreaterThanOrEqual(Math.floor(delayMs / 2))
    }),
  )
})
