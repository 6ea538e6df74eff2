import { array, assert, asyncProperty, integer, record } from 'fast-check'
import { expect, test } from 'vitest'
import { createManualClock } from '../../lib/manual-clock.ts'
import { createWheelClock } from './wheel-clock.ts'

test('a timer never fires early and at most a tick late, whenever it was set', async () => {
  const timer = record({ setAt: integer({ min: 0, max: 3_000 }), delayMs: integer({ min: 0, max: 3_000 }) })
  await assert(
    asyncProperty(array(timer, { maxLength: 20 }), integer({ min: 0, max: 10_000 }), async (timers, startAt) => {
      const clock = createManualClock(startAt)
      const wheel = createWheelClock(clock, 100)
      const fired: { dueAt: number; at: number }[] = []
      for (const { setAt, delayMs } of timers)
        clock.setTimeout(() => {
          const dueAt = clock.now() + delayMs
          wheel.setTimeout(() => fired.push({ dueAt, at: clock.now() }), delayMs)
        }, setAt)
      await clock.advance(7_000)
      expect(fired).toHaveLength(timers.length)
      for (const { dueAt, at } of fired) {
        expect(at).toBeGreaterThanOrEqual(dueAt)
        expect(at).toBeLessThanOrEqual(dueAt + 100)
      }
      expect(clock.dueAt()).toEqual([])
    }),
    { numRuns: 50 },
  )
})

test('a thousand timers use one underlying timer, and a cancelled one does not fire', async () => {
  const clock = createManualClock(1_234)
  const wheel = createWheelClock(clock, 100)
  let fired = 0
  const timers = Array.from({ length: 1_000 }, (_, index) => wheel.setTimeout(() => fired++, 1_000 + index))
  expect(clock.dueAt()).toHaveLength(1)
  for (const timer of timers.slice(500)) timer.cancel()
  await clock.advance(5_000)
  expect(fired).toBe(500)
  expect(clock.dueAt()).toEqual([])
})

test('a callback that sets its timer again is called every round', async () => {
  const clock = createManualClock()
  const wheel = createWheelClock(clock, 100)
  const at: number[] = []
  const beat = () => {
    at.push(clock.now())
    if (at.length < 4) wheel.setTimeout(beat, 250)
  }
  wheel.setTimeout(beat, 250)
  await clock.advance(2_000)
  expect(at).toEqual([300, 600, 900, 1_200])
})
