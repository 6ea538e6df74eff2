import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ChandlerError } from '../error/errors.ts'
import type { Amount, BatchSize, RateControl } from './rate-control.ts'
import {
  defaultRateControl,
  fillBatches,
  parseAmount,
  parseRateControl,
  renderAmount,
  resolveRateControl,
  restateRateControl,
  validateRateControl,
} from './resolve-rate-control.ts'

const make = (changes: Partial<RateControl>): RateControl => ({ ...defaultRateControl, ...changes })
const batch = (...batches: Amount[]) => make({ mode: 'Batch', batches })
const percent = (amount: number) => ({ percent: amount })

test.each<[string, Amount | undefined]>([
  ['5', 5],
  [' 10% ', percent(10)],
  ['2.5%', percent(2.5)],
  ['0', 0],
  ['250%', percent(250)],
  ['2.5', undefined],
  ['-1', undefined],
  ['', undefined],
  ['%', undefined],
  ['10 %', undefined],
  ['1e3', undefined],
  ['0.125%', undefined],
])('parseAmount %j', (text, amount) => {
  expect(parseAmount(text)).toEqual(amount)
})

describe('parseRateControl', () => {
  test('fills in defaults', () => {
    expect(parseRateControl({})).toEqual({ rateControl: defaultRateControl })
    expect(
      parseRateControl({ mode: 'Batch', batches: [1, '10%', '50%'], maxErrors: '2%', batchPause: 'FirstBatchPause' }),
    ).toEqual({
      rateControl: { ...batch(1, percent(10), percent(50)), maxErrors: percent(2), batchPause: 'FirstBatchPause' },
    })
  })

  test('names every invalid field', () => {
    expect(parseRateControl({ mode: 'Batch', batches: ['1', 'ten'], concurrency: '101%', maxErrors: '-1' })).toEqual({
      problems: [
        { field: 'batches', reason: 'is "ten", neither a count nor a percentage such as 10%' },
        { field: 'maxErrors', reason: 'is "-1", neither a count nor a percentage such as 10%' },
        { field: 'concurrency', reason: 'is 101%, which is more than 100%' },
      ],
    })
  })
})

describe('resolveRateControl', () => {
  test.each<[string, RateControl, number, number[], number, number]>([
    ['the default', defaultRateControl, 25, [25], 10, 0],
    ['the default without tasks', defaultRateControl, 0, [], 10, 0],
    ['a share at once', make({ concurrency: percent(10) }), 25, [25], 3, 0],
    ['at least one', make({ concurrency: percent(0.01) }), 25, [25], 1, 0],
    ['errors rounded down', make({ maxErrors: percent(2) }), 99, [99], 10, 1],
    ['no error below one', make({ maxErrors: percent(2) }), 49, [49], 10, 0],
    ['the design', batch(1, percent(10), percent(50)), 100, [1, 10, 50, 39], 20, 0],
    ['sizes rounded up', batch(percent(10)), 11, [2, 2, 2, 2, 2, 1], 20, 0],
    ['the last one repeated', batch(1, 2), 8, [1, 2, 2, 2, 1], 20, 0],
    ['more than the number of tasks', batch(1, 50), 4, [1, 3], 20, 0],
    ['superfluous batches', batch(5, 5, 5), 7, [5, 2], 20, 0],
    ['batches without tasks', batch(1, percent(10)), 0, [], 20, 0],
    ['exact decimals', batch(percent(1.1)), 1_000, [...Array(90).fill(11), 10], 20, 0],
    ['as many batches as are allowed', batch(1), 1_000, Array(1_000).fill(1), 20, 0],
  ])('%s', (_, rateControl, count, batchSizes, concurrency, maxErrors) => {
    expect(resolveRateControl(rateControl, count)).toEqual({
      batchSizes,
      concurrency,
      maxErrors,
      batchPause: 'Automatic',
    })
  })

  test('keeps the batch pause', () => {
    expect(resolveRateControl({ ...batch(1), batchPause: 'EveryBatchPause' }, 3).batchPause).toBe('EveryBatchPause')
  })

  test.each<[RateControl, number, string]>([
    [batch(1), 1_001, 'batches make more than 1000 batches of 1001 targets'],
    [batch(1, 2), 100_000, 'batches make more than 1000'],
    [make({ concurrency: percent(101) }), 5, 'concurrency is 101%, which is more than 100%'],
  ])('refuses %j for %d tasks', (rateControl, count, part) => {
    const resolve = () => resolveRateControl(rateControl, count)
    expect(resolve).toThrow(ChandlerError)
    expect(resolve).toThrow(part)
  })
})

test.each<[Partial<RateControl>, string, string]>([
  [{ concurrency: 0 }, 'concurrency', 'is 0; at least 1 is needed'],
  [{ concurrency: -1 }, 'concurrency', 'is -1'],
  [{ concurrency: 1.5 }, 'concurrency', 'is not a whole number'],
  [{ concurrency: percent(0) }, 'concurrency', 'more than 0%'],
  [{ concurrency: percent(100.5) }, 'concurrency', 'more than 100%'],
  [{ concurrency: percent(0.001) }, 'concurrency', 'two decimals'],
  [{ concurrency: percent(Number.NaN) }, 'concurrency', 'not a percentage'],
  [{ concurrencyInBatches: 0 }, 'concurrencyInBatches', 'is 0'],
  [{ maxErrors: -1 }, 'maxErrors', 'at least 0'],
  [{ maxErrors: percent(-1) }, 'maxErrors', 'is -1%'],
  [{ maxErrors: percent(150) }, 'maxErrors', 'more than 100%'],
  [{ mode: 'Batch', batches: [] }, 'batches', 'is empty'],
  [{ mode: 'Batch', batches: [1, 0] }, 'batches', 'has the size 0 at place 2'],
  [{ mode: 'Batch', batches: [percent(200)] }, 'batches', 'has the size 200% at place 1'],
  [{ mode: 'Batch', batches: Array(1_001).fill(1) }, 'batches', 'has 1001 sizes'],
  [{ mode: 'Both' as 'Batch' }, 'mode', 'neither'],
  [{ batchPause: 'FirstBatchPause' }, 'batchPause', 'is FirstBatchPause, which needs batches'],
  [{ batchPause: 'Sometimes' as 'Automatic' }, 'batchPause', 'none of'],
])('%j: %s %s', (changes, field, reason) => {
  expect(validateRateControl(make(changes))).toEqual([{ field, reason: expect.stringContaining(reason) }])
})

test('valid rate control has no problem', () => {
  for (const good of [defaultRateControl, batch(1, percent(10), percent(100)), make({ maxErrors: percent(0) })])
    expect(validateRateControl(good)).toEqual([])
})

describe('properties', () => {
  const share = fc.integer({ min: 1, max: 10_000 }).map((hundredths) => percent(hundredths / 100))
  const amount = fc.oneof(fc.integer({ min: 1, max: 500 }), share)
  const rateControl: fc.Arbitrary<RateControl> = fc
    .record({
      mode: fc.constantFrom('Concurrency', 'Batch'),
      concurrency: amount,
      batches: fc.array(amount, { minLength: 1, maxLength: 5 }),
      concurrencyInBatches: amount,
      maxErrors: fc.oneof(amount, fc.constant(0), fc.constant(percent(0))),
      batchPause: fc.constantFrom('Automatic', 'FirstBatchPause', 'EveryBatchPause'),
    })
    .map((given) => (given.mode === 'Batch' ? given : { ...given, batchPause: 'Automatic' }))
  const runs = { numRuns: 5_000 }

  test('a rendered amount is parsed to the same amount', () => {
    fc.assert(
      fc.property(amount, (given) => {
        expect(parseAmount(renderAmount(given))).toEqual(given)
      }),
      runs,
    )
  })

  test('batches contain every task once, in the given sizes', () => {
    fc.assert(
      fc.property(
        rateControl,
        fc.oneof(fc.integer({ min: 0, max: 2_000 }), fc.integer({ min: 0, max: 100_000 })),
        (given, count) => {
          expect(validateRateControl(given)).toEqual([])
          const sizes = (given.batches as readonly Amount[]).map((size) =>
            typeof size === 'number' ? size : Math.max(1, Math.ceil(Number(((size.percent * count) / 100).toFixed(6)))),
          )
          // The same number of batches, computed without a shorter last one.
          const written = sizes.reduce((sum, size) => sum + size, 0)
          const last = sizes.at(-1) ?? 1
          const tooMany =
            given.mode === 'Batch' && count > written && sizes.length + Math.ceil((count - written) / last) > 1_000
          if (tooMany) {
            expect(() => resolveRateControl(given, count)).toThrow('more than 1000 batches')
            return
          }
          const { batchSizes, concurrency, maxErrors } = resolveRateControl(given, count)
          expect(batchSizes.reduce((sum, size) => sum + size, 0)).toBe(count)
          expect(batchSizes.length).toBeLessThanOrEqual(1_000)
          expect(Math.min(...batchSizes, 1)).toBe(1)
          expect(concurrency).toBeGreaterThanOrEqual(1)
          expect(maxErrors).toBeGreaterThanOrEqual(0)
          if (typeof given.maxErrors !== 'number')
            expect(maxErrors).toBeLessThanOrEqual((given.maxErrors.percent * count) / 100 + 1e-6)
          if (given.mode === 'Concurrency') expect(batchSizes.length).toBeLessThanOrEqual(1)
          else
            batchSizes
              .slice(0, -1)
              .forEach((size, index) => expect(size).toBe(sizes[Math.min(index, sizes.length - 1)]))
        },
      ),
      runs,
    )
  })
})

describe('batches of groups', () => {
  const sizes = (...groups: [string, number][]) => new Map(groups)
  const canary = { group: 'canary' }

  test('have their instances, and percentages refer to all tasks', () => {
    const resolve = (batches: readonly BatchSize[], count: number, groups: ReadonlyMap<string, number>) => {
      const { batchSizes, batchGroups } = resolveRateControl(make({ mode: 'Batch', batches }), count, groups)
      return [batchSizes, batchGroups]
    }
    expect(resolve([canary, percent(10), percent(50)], 40, sizes(['canary', 3]))).toEqual([
      [3, 4, 20, 13],
      { 1: 'canary' },
    ])
    expect(resolve([1, canary, 50], 40, sizes(['canary', 3]))).toEqual([[1, 3, 36], { 2: 'canary' }])
    // Without a task there is no such batch.
    expect(resolve([canary, percent(50)], 4, sizes())).toEqual([[2, 2], undefined])
    expect(resolve([canary, { group: 'late' }, 1], 5, sizes(['canary', 2], ['late', 3]))).toEqual([
      [2, 3],
      { 1: 'canary', 2: 'late' },
    ])
  })

  test.each([
    [['group:canary'], 'ends with group:canary'],
    [['group:canary', 'group:canary', '1'], 'has group:canary twice'],
    [['group:', '1'], 'has "group:", which names no group'],
    [['group:a b', '1'], 'has "group:a b", which names no group'],
  ])('%s are refused', (batches, reason) => {
    expect(parseRateControl({ mode: 'Batch', batches })).toEqual({
      problems: [{ field: 'batches', reason: expect.stringContaining(reason) }],
    })
  })

  test('are restated as they were requested', () => {
    const requested = make({ mode: 'Batch', batches: [canary, percent(10), 5] })
    const frozen = { ...resolveRateControl(requested, 9, sizes(['canary', 1])), mode: 'Batch', requested } as const
    expect(restateRateControl(frozen).batches).toEqual(['group:canary', '10%', 5])
  })

  test('every task is in exactly one batch: that of its first group, or one without a group', () => {
    const names = ['a', 'b', 'c'] as const
    fc.assert(
      fc.property(
        fc.array(fc.option(fc.constantFrom(...names), { nil: undefined }), { maxLength: 300 }),
        fc.shuffledSubarray([...names, 1, 7, percent(10), percent(50)] as const),
        fc.constantFrom<Amount>(1, 20, percent(30)),
        (groupOf, listed, last) => {
          const batches = [...listed.map((size) => (typeof size === 'string' ? { group: size } : size)), last]
          const named = batches.flatMap((size) => (typeof size === 'object' && 'group' in size ? [size.group] : []))
          const known = groupOf.map((name) => (name !== undefined && named.includes(name) ? name : undefined))
          const counts = Map.groupBy(known, (name) => name)
          const groupSizes = new Map(named.map((name) => [name, counts.get(name as 'a')?.length ?? 0]))
          const resolved = resolveRateControl(make({ mode: 'Batch', batches }), groupOf.length, groupSizes)
          const order = fillBatches(resolved, known)
          expect(order.toSorted((one, other) => one - other)).toEqual([...groupOf.keys()])
          const batchOf = resolved.batchSizes.flatMap((size, index) => Array<number>(size).fill(index + 1))
          order.forEach((task, place) => expect(resolved.batchGroups?.[batchOf[place] as number]).toBe(known[task]))
        },
      ),
      { numRuns: 2_000 },
    )
  })
})
