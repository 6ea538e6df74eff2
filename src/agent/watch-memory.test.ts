import { expect, test } from 'vitest'
import { createManualClock } from '../lib/manual-clock.ts'
import { watchMemory } from './watch-memory.ts'

test('an agent that has grown is reported once it has been idle long enough, counted from its last invocation', async () => {
  const clock = createManualClock()
  let rss = 50
  let open = 0
  const reported: number[] = []
  const watch = watchMemory({
    growthBytes: 10,
    idleMs: 600_000,
    checkMs: 30_000,
    clock,
    countOpen: () => open,
    readRssBytes: () => rss,
    onOutgrown: (bytes) => reported.push(bytes),
  })
  await clock.advance(1_200_000)
  watch.online()
  open = 1
  rss = 80
  await clock.advance(1_200_000)
  // A second connection does not make the larger size the normal one.
  watch.online()
  open = 0
  await clock.advance(570_000)
  expect(reported).toEqual([])
  await clock.advance(60_000)
  expect(reported).toEqual([80])
  await clock.advance(1_200_000)
  expect(reported).toEqual([80])
  watch.close()
})
