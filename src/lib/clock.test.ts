import { expect, test } from 'vitest'
import { systemClock } from './clock.ts'
import { createManualClock } from './manual-clock.ts'

test('a manual clock fires timers in order of their instants, also those set while it advances', async () => {
  const clock = createManualClock(1_000)
  const seen: string[] = []
  clock.setTimeout(() => seen.push(`b@${clock.now()}`), 20)
  clock.setTimeout(() => {
    seen.push(`a@${clock.now()}`)
    clock.setTimeout(() => seen.push(`c@${clock.now()}`), 15)
  }, 10)
  clock.setTimeout(() => seen.push('late'), 100)
  await clock.advance(50)
  expect(seen).toEqual(['a@1010', 'b@1020', 'c@1025'])
  expect(clock.now()).toBe(1_050)
  expect(clock.dueAt()).toEqual([1_100])
})

test('a manual clock runs a loop of waits, and a cancelled timer never fires', async () => {
  const clock = createManualClock()
  let rounds = 0
  const loop = async () => {
    for (; rounds < 5; rounds++) await clock.wait(10)
  }
  const running = loop()
  clock.setTimeout(() => expect.unreachable('it was cancelled'), 5).cancel()
  await clock.advance(29)
  expect(rounds).toBe(2)
  await clock.advance(21)
  await running
})

test('wait resolves at once when its signal aborts, and leaves no timer behind', async () => {
  const clock = createManualClock()
  const stop = new AbortController()
  const waiting = clock.wait(1_000_000, stop.signal)
  expect(clock.dueAt()).toHaveLength(1)
  stop.abort()
  await waiting
  expect(clock.dueAt()).toEqual([])
  await clock.wait(1_000_000, stop.signal)
})

test('the system clock does not fire timers early that are due in more than 25 days', async () => {
  const timer = systemClock.setTimeout(() => expect.unreachable('fired early'), 30 * 24 * 3_600_000, { unref: true })
  await systemClock.wait(5)
  timer.cancel()
})
