import fc from 'fast-check'
import { expect, test } from 'vitest'
import { groupBatches, placeBatches } from './group-batches.ts'

test('consecutive equal sizes form one group', () => {
  expect(groupBatches([1, 10, 10, 10, 9])).toEqual([
    { first: 1, last: 1, size: 1 },
    { first: 2, last: 4, size: 10 },
    { first: 5, last: 5, size: 9 },
  ])
  expect(groupBatches([])).toEqual([])
})

test('groups contain every batch, and boxes fill the bar', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1 }), (sizes) => {
      const groups = groupBatches(sizes)
      expect(groups.flatMap(({ first, last, size }) => Array(last - first + 1).fill(size))).toEqual(sizes)
      const boxes = placeBatches(sizes, 2)
      const end = boxes.at(-1)
      expect((end?.start ?? 0) + (end?.width ?? 0)).toBeCloseTo(1)
      for (const box of boxes) expect(box.atOnce).toBe(Math.min(1, 2 / box.size))
    }),
  )
})
