import { expect, test } from 'vitest'
import { suggestRetryMs } from './suggest-retry.ts'

test.each([
  [0, 500],
  [1, 500],
  [4, 500],
  [500, 1_000],
  [2_000, 4_000],
  [20_000, 20_000],
  [1_000_000, 20_000],
])('%i refused agents retry after %i ms', (refused, retryMs) => {
  expect(suggestRetryMs(refused)).toBe(retryMs)
})
