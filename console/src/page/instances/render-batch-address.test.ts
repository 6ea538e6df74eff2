import { expect, test } from 'vitest'
import { readUrlState } from '../../url/use-url-state.ts'
import { batchSchema } from '../batch/batch-state.ts'
import { describeParameters } from './describe-parameters.ts'
import { renderBatchAddress } from './render-batch-address.ts'

test('the page of batches reads what is known here', () => {
  const known = { action: 'update', extension: 'a demo', version: 'v2', instances: ['i-1'] } as const
  const [path, search] = renderBatchAddress(known).split('?')
  expect(path).toBe('/batch')
  expect(readUrlState(batchSchema, search ?? '')).toMatchObject({ ...known, by: 'pick' })
})

test('parameters are named with their defaults, secrets without; those that must be given are told apart', () => {
  const declarations = {
    port: { type: 'Number', default: 80 },
    token: { type: 'String', default: 'x', noEcho: true },
    host: { type: 'String' },
    why: { type: 'String', actions: ['uninstall'] },
  } as const
  expect(describeParameters(declarations, 'install')).toEqual({ defaults: ['port=80', 'token'], missing: ['host'] })
  expect(describeParameters({}, 'uninstall')).toEqual({ defaults: [], missing: [] })
  expect(describeParameters(undefined, 'install')).toBeUndefined()
})
