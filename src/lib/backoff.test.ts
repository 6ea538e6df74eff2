import { assert, double, integer, property } from 'fast-check'
import { expect, test } from 'vitest'
import { backoffDelayMs } from './backoff.ts'

test('without jitter the delay doubles up to its maximum, also after very many attempts', () => {
  const policy = { baseMs: 100, maxMs: 5_000, jitter: 0 }
  const delays = [0, 1, 2, 5, 6, 5_000].map((attempt) => backoffDelayMs(policy, attempt, Math.random))
  expect(delays).toEqual([100, 200, 400, 3_200, 5_000, 5_000])
})

test('the delay stays between the part without jitter and the maximum', () => {
  const fraction = double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
  assert(
    property(
      integer({ min: 1, max: 10_000 }),
      integer({ min: 0, max: 10_000 }),
      fraction,
      fraction,
      (baseMs, attempt, jitter, drawn) => {
        const delayMs = backoffDelayMs({ baseMs, maxMs: 60_000, jitter }, attempt, () => drawn)
        const longestMs = Math.min(60_000, baseMs * 2 ** attempt)
        expect(delayMs).toBeLessThanOrEqual(longestMs)
        expect(delayMs).toBeGreaterThanOrEqual(Math.floor(longestMs * (1 - jitter)))
      },
    ),
  )
})

test('with full jitter, the default, the whole delay is random', () => {
  expect(backoffDelayMs({ baseMs: 1_000, maxMs: 1_000 }, 3, () => 0.999_999)).toBe(0)
  expect(backoffDelayMs({ baseMs: 1_000, maxMs: 1_000 }, 3, () => 0)).toBe(1_000)
})
