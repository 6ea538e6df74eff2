import { expect, test } from 'vitest'
import { findOrderRetryMs, isOrderDue } from './acme-plan.ts'

const day = 86_400_000

test.each([
  ['there is none', undefined, true],
  ['a third of 90 days is left', { from: -61 * day, to: 29 * day }, true],
  ['more than a third of 90 days is left', { from: -59 * day, to: 31 * day }, false],
  ['more than a third of 6 days is left', { from: -3 * day, to: 3 * day }, false],
  ['a third of 6 days is left', { from: -5 * day, to: 1 * day }, true],
  ['it has expired', { from: -100 * day, to: -10 * day }, true],
])('a certificate is ordered if %s: %o', (_case, validity, isDue) => {
  expect(isOrderDue(validity, 0)).toBe(isDue)
})

test('attempts are fewer than the limit of CAs, five an hour, and at least twice a day', () => {
  const delays = Array.from({ length: 100 }, (_, index) => findOrderRetryMs(index + 1) / 60_000)
  expect(delays.slice(0, 7)).toEqual([15, 30, 60, 120, 240, 480, 720])
  expect(Math.max(...delays)).toBe(720)
})
