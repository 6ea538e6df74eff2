import { expect, test } from 'vitest'
import { readUrlState } from '../../../url/use-url-state.ts'
import { batchPageSchema } from '../../batch/batch-state.ts'
import { renderBatchAddress } from './render-batch-address.ts'

test('the batch page reads the prefilled fields', () => {
  const known = { action: 'update', extension: 'a demo', version: 'v2', instances: ['i-1'] } as const
  const [path, search] = renderBatchAddress(known).split('?')
  expect(path).toBe('/batch')
  expect(readUrlState(batchPageSchema, search ?? '')).toMatchObject({ ...known, by: 'pick' })
})
