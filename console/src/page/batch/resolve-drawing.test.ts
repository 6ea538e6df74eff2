import { expect, test } from 'vitest'
import { defaultRateControl } from '../../../../src/core/execution/resolve-rate-control.ts'
import { resolveDrawing } from './resolve-drawing.ts'

const batches = { ...defaultRateControl, mode: 'Batch', batches: [1, { percent: 10 }] } as const

test('batches match those of the server', () => {
  expect(resolveDrawing(batches, 'Automatic', 22)).toMatchObject({ resolved: { batchSizes: [1, 3, 3, 3, 3, 3, 3, 3] } })
})

test('step by step has no batches', () => {
  expect(resolveDrawing(batches, 'Debug', 22)).toMatchObject({ resolved: { batchSizes: [22], concurrency: 1 } })
})

test('too many batches are reported instead of drawn', () => {
  expect(resolveDrawing({ ...batches, batches: [1] }, 'Automatic', 1_001)).toEqual({
    problem: expect.stringContaining('more than 1000 batches'),
  })
})
