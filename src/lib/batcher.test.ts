import { describe, expect, test } from 'vitest'
import { createBatcher } from './batcher.ts'

const never = () => false

describe('a batcher', () => {
  test('puts items that arrive during a batch into the next one, up to its limit', async () => {
    const batches: number[][] = []
    const batcher = createBatcher(
      async (items: number[]) => {
        batches.push(items)
        return items.map((item) => item * 10)
      },
      { maxItems: 3, isOneItemsFault: never },
    )
    const results = await Promise.all([1, 2, 3, 4].map((item) => batcher.add(item)))
    expect(results).toEqual([10, 20, 30, 40])
    expect(batches).toEqual([[1, 2, 3], [4]])
    expect(batcher.size).toBe(0)
  })

  test('is drained when all items are processed', async () => {
    const done: number[] = []
    const batcher = createBatcher(
      async (items: number[]) => {
        done.push(...items)
        return items
      },
      { maxItems: 1, isOneItemsFault: never },
    )
    for (const item of [1, 2]) void batcher.add(item)
    await batcher.drained()
    expect(done).toEqual([1, 2])
  })
})

describe('a batcher with owners of items', () => {
  type Item = { owner: string; weighs: number }
  const fair = async (items: Item[], maxItems: number, maxWeight: number) => {
    const batches: string[] = []
    const batcher = createBatcher(
      async (batch: Item[]) => {
        batches.push(batch.map(({ owner }) => owner).join(''))
        return batch
      },
      {
        maxItems,
        isOneItemsFault: never,
        ownerOf: ({ owner }) => owner,
        weight: { of: ({ weighs }) => weighs, max: maxWeight },
      },
    )
    await Promise.all(items.map((item) => batcher.add(item)))
    return batches
  }
  const noisy = (count: number) => Array.from({ length: count }, () => ({ owner: 'n', weighs: 10 }))
  const quiet = [...'abc'].map((owner) => ({ owner, weighs: 1 }))

  test('takes one item of each owner in turn, independent of the order of arrival', async () => {
    expect(await fair([...noisy(5), ...quiet], 3, 1_000)).toEqual(['nab', 'cnn', 'nn'])
  })

  test('delays no owner by more than one batch of a noisy one', async () => {
    expect(await fair([...noisy(32), ...quiet], 1_000, 20)).toEqual([
      'nabc',
      ...Array.from({ length: 15 }, () => 'nn'),
      'n',
    ])
  })

  test('runs an item alone that exceeds the weight of a batch', async () => {
    expect(await fair([{ owner: 'n', weighs: 50 }, ...quiet], 10, 20)).toEqual(['n', 'abc'])
  })
})

test('finds the bad item of a large batch in a few attempts, not one per item', async () => {
  let runs = 0
  const batcher = createBatcher(
    async (items: number[]) => {
      runs += 1
      if (items.includes(700)) throw new Error('bad')
      return items
    },
    { maxItems: 1_000, isOneItemsFault: () => true },
  )
  const results = await Promise.allSettled(Array.from({ length: 1_000 }, (_, item) => batcher.add(item)))
  expect(results.flatMap(({ status }, item) => (status === 'rejected' ? [item] : []))).toEqual([700])
  expect(runs).toBeLessThan(25)
})

describe('a failing batch', () => {
  const refuseThree = async (items: number[]) => {
    if (items.includes(3)) throw new Error(`three in ${items.length}`)
    return items
  }
  const say = (result: PromiseSettledResult<number>) =>
    result.status === 'fulfilled' ? result.value : (result.reason as Error).message

  test('fails only the item that caused the error', async () => {
    const batcher = createBatcher(refuseThree, { maxItems: 10, isOneItemsFault: () => true })
    const results = await Promise.allSettled([1, 2, 3, 4].map((item) => batcher.add(item)))
    expect(results.map(say)).toEqual([1, 2, 'three in 1', 4])
  })

  test('fails all items if none caused the error, and serves the next batch', async () => {
    const batcher = createBatcher(refuseThree, { maxItems: 2, isOneItemsFault: never })
    const results = await Promise.allSettled([1, 3, 4].map((item) => batcher.add(item)))
    expect(results.map(say)).toEqual(['three in 2', 'three in 2', 4])
  })
})
