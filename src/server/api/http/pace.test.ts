import { getEventListeners } from 'node:events'
import { expect, test } from 'vitest'
import { createManualClock } from '../../../lib/manual-clock.ts'
import { createWakeHub } from '../../../lib/wake-hub.ts'
import { createPace } from './pace.ts'

const times = { pauseMs: 100, lookEveryMs: 2_000 }

test('a stream polls by timer even if every wake-up is lost, and leaves no listeners on its signal', async () => {
  const clock = createManualClock(0)
  const { signal } = new AbortController()
  const pace = createPace(clock, createWakeHub().watch('exec-1'), signal, times)
  for (let look = 0; look < 3; look++) {
    const waited = pace.wait()
    await clock.advance(times.lookEveryMs)
    await waited
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
  }
})

test('changes within the pause after the last event are sent together', async () => {
  const clock = createManualClock(1_000)
  const hub = createWakeHub()
  const pace = createPace(clock, hub.watch('exec-1'), new AbortController().signal, times)
  pace.sent()
  let isDone = false
  const waited = pace.wait().then(() => {
    isDone = true
  })
  hub.wake(['exec-1'])
  await clock.advance(times.pauseMs - 1)
  expect(isDone).toBe(false)
  await clock.advance(1)
  await waited
})
