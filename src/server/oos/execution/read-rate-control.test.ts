import { expect, test } from 'vitest'
import { readRateControl } from './read-rate-control.ts'

test.each([
  ['default: one at a time, no errors', {}, undefined, { mode: 'Concurrency', concurrency: 1, maxErrors: 0 }],
  [
    'texts and percentages',
    { Mode: 'Concurrency', Concurrency: '10%', MaxErrors: '5' },
    undefined,
    { mode: 'Concurrency', concurrency: '10%', maxErrors: '5' },
  ],
  [
    'a pause is ignored without batches',
    { Mode: 'Concurrency', Concurrency: 3, BatchPauseOption: 'EveryBatchPause' },
    'FirstBatchPause',
    { mode: 'Concurrency', concurrency: 3, maxErrors: 0 },
  ],
  [
    'batches',
    { Mode: 'Batch', Batch: [1, '25%', '50%'], BatchPauseOption: 'FirstBatchPause', ConcurrencyInBatches: [5] },
    undefined,
    { mode: 'Batch', batches: [1, '25%', '50%'], batchPause: 'FirstBatchPause', concurrencyInBatches: 5, maxErrors: 0 },
  ],
  [
    'the loop mode takes precedence',
    { Mode: 'Batch', Batch: [1], BatchPauseOption: 'EveryBatchPause' },
    'Automatic',
    { mode: 'Batch', batches: [1], batchPause: 'Automatic', concurrencyInBatches: undefined, maxErrors: 0 },
  ],
  [
    'several concurrencies are reduced to the smallest',
    { Mode: 'Batch', Batch: [1, 2], ConcurrencyInBatches: [10, '3', 20] },
    undefined,
    { mode: 'Batch', batches: [1, 2], batchPause: 'Automatic', concurrencyInBatches: '3', maxErrors: 0 },
  ],
  [
    'the older form',
    { Concurrency: [1, 2, 3], MaxErrors: 1, BatchPauseOption: 'EveryBatchPause' },
    undefined,
    { mode: 'Batch', batches: [1, 2, 3], batchPause: 'EveryBatchPause', concurrencyInBatches: undefined, maxErrors: 1 },
  ],
] as const)('%s', (_, given, loopMode, expected) => {
  expect(readRateControl(given, loopMode)).toEqual(expected)
})

test.each([
  ['a list', [1]],
  ['another mode', { Mode: 'Fast' }],
  ['batches without sizes', { Mode: 'Batch' }],
  ['no batch', { Mode: 'Batch', Batch: [] }],
  ['an invalid size', { Mode: 'Batch', Batch: ['many'] }],
  ['a negative number', { Concurrency: -1 }],
  ['half an instance', { Concurrency: 1.5 }],
  ['another pause', { Mode: 'Batch', Batch: [1], BatchPauseOption: 'Never' }],
  ['a misspelt key', { Mode: 'Concurrency', Concurency: 1 }],
  ['counts and percentages that cannot be compared', { Mode: 'Batch', Batch: [1], ConcurrencyInBatches: [1, '10%'] }],
])('%s is refused', (_, given) => {
  expect(() => readRateControl(given, undefined)).toThrow(
    'The request parameter Parameters.rateControl is not understood',
  )
})
