import { expect, test } from 'vitest'
import { assignSlots } from './assign-slots.ts'

test('remaining rows keep their elements, new rows reuse free ones', () => {
  const first = assignSlots(new Map(), [0, 1, 2, 3])
  expect([...first]).toEqual([
    [0, 0],
    [1, 1],
    [2, 2],
    [3, 3],
  ])
  const scrolled = assignSlots(first, [2, 3, 4, 5])
  expect(scrolled.get(2)).toBe(2)
  expect(scrolled.get(3)).toBe(3)
  expect([scrolled.get(4), scrolled.get(5)]).toEqual([0, 1])
})

test('the number of elements equals the number of visible rows at any scroll position', () => {
  let slots = assignSlots(new Map(), [0, 1, 2])
  for (let from = 0; from < 1_000; from += 7) slots = assignSlots(slots, [from, from + 1, from + 2])
  expect(new Set(slots.values())).toEqual(new Set([0, 1, 2]))
})
