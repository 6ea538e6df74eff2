import { expect, test } from 'vitest'
import { createManualClock } from './manual-clock.ts'
import { createRecentCount } from './recent-count.ts'

test('counts events within the window, and drops older ones', async () => {
  const clock = createManualClock(0)
  const count = createRecentCount(clock, 10_000)
  for (let n = 1; n <= 8; n++) expect(count.add()).toBe(n)
  await clock.advance(15_000)
  // Half of the previous window is within the last ten seconds.
  expect(count.add()).toBe(5)
  await clock.advance(30_000)
  expect(count.add()).toBe(1)
})
