import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createManualClock } from '../manual-clock.ts'
import { createUnprovenPool } from './unproven-pool.ts'

const limits = { maxItems: 6, maxPerGroup: 3, graceMs: 2_000 }

function make(isEvictable = (_item: string) => true) {
  const clock = createManualClock()
  const evicted: string[] = []
  const pool = createUnprovenPool<string>({ ...limits, isEvictable, evict: (item) => evicted.push(item), clock })
  return { clock, evicted, pool }
}

test('of a burst from one group, as many are served as the group has places', async () => {
  const { clock, evicted, pool } = make()
  expect(['a1', 'a2', 'a3', 'a4'].map((item) => pool.admit(item, 'a'))).toEqual([true, true, true, false])
  expect(pool.admit('b1', 'b')).toBe(true)
  pool.release('a2')
  expect(pool.admit('a4', 'a')).toBe(true)
  await clock.advance(1_999)
  expect(pool.admit('a5', 'a')).toBe(false)
  expect(evicted).toEqual([])
})

test('the oldest of a full group is evicted, and no other', async () => {
  const { clock, evicted, pool } = make()
  pool.admit('b1', 'b')
  for (const item of ['a1', 'a2', 'a3']) pool.admit(item, 'a')
  await clock.advance(2_000)
  expect(pool.admit('a4', 'a')).toBe(true)
  expect(evicted).toEqual(['a1'])
})

test('the oldest of all is evicted when many groups fill the pool', async () => {
  const { clock, evicted, pool } = make()
  for (let index = 0; index < 6; index++) pool.admit(`x${index}`, `g${index}`)
  expect(pool.admit('late', 'l')).toBe(false)
  await clock.advance(2_000)
  expect(pool.admit('late', 'l')).toBe(true)
  expect(evicted).toEqual(['x0'])
})

test('an item whose proof is being verified keeps its place', async () => {
  const { clock, evicted, pool } = make((item) => item !== 'a1')
  for (const item of ['a1', 'a2', 'a3']) pool.admit(item, 'a')
  await clock.advance(2_000)
  expect(pool.admit('a4', 'a')).toBe(true)
  expect(evicted).toEqual(['a2'])
})

test('never exceeds the limits, and leaks nothing', async () => {
  const step = fc.record({
    group: fc.constantFrom('a', 'b', 'c'),
    release: fc.boolean(),
    waitMs: fc.constantFrom(0, 700),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const { clock, evicted, pool } = make()
      const here = new Map<string, string>()
      for (const [index, { group, release, waitMs }] of steps.entries()) {
        await clock.advance(waitMs)
        const [oldest] = here.keys()
        if (release && oldest !== undefined) {
          pool.release(oldest)
          here.delete(oldest)
        } else if (pool.admit(`${index}`, group)) here.set(`${index}`, group)
        for (const item of evicted.splice(0)) here.delete(item)
        expect(pool.size).toBe(here.size)
        expect(pool.size).toBeLessThanOrEqual(limits.maxItems)
        const counts = Object.values(Object.groupBy(here.values(), (name) => name)).map((names) => names?.length ?? 0)
        expect(Math.max(0, ...counts)).toBeLessThanOrEqual(limits.maxPerGroup)
      }
    }),
  )
})
