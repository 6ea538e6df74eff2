import { expect, test } from 'vitest'
import { findBatchAddress } from './batch-address.ts'

const batch = (number: number, size: number) => ({
  number,
  size,
  pending: 0,
  running: 0,
  success: size,
  failed: 0,
  cancelled: 0,
  skipped: 0,
})
const execution = {
  operation: { kind: 'extension', action: 'install', extension: 'demo', version: 'v2' },
  targets: { kind: 'tags', tags: { env: 'prod', odd: 'a,b' } },
  rateControl: { mode: 'Batch', concurrency: 5, batchPause: 'FirstBatchPause', maxErrors: 3, batchCount: 4 },
  mode: 'Automatic',
  batches: [batch(0, 7), batch(1, 1), batch(2, 10), batch(3, 10), batch(4, 4)],
} as const
const queryOf = (address: string | undefined) => Object.fromEntries(new URL(address ?? '', 'http://x').searchParams)

test('the same is asked for again, with the batches as short as they can be said', () => {
  expect(queryOf(findBatchAddress({ ...execution, batches: [...execution.batches] }))).toEqual({
    action: 'install',
    extension: 'demo',
    version: 'v2',
    by: 'tags',
    tags: String.raw`env=prod,odd=a\,b`,
    control: 'Batch',
    batches: '1, 10',
    batchConcurrency: '5',
    pause: 'FirstBatchPause',
    errors: '3',
    mode: 'Automatic',
  })
})

test('instances that would make the address too long are chosen again', () => {
  const ids = Array.from({ length: 301 }, (_, place) => `i-${place}`)
  const ask = (count: number) =>
    queryOf(findBatchAddress({ ...execution, batches: [], targets: { kind: 'ids', ids: ids.slice(0, count) } }))
  expect(ask(2)).toMatchObject({ by: 'pick', instances: 'i-0,i-1' })
  expect(ask(301)).not.toHaveProperty('instances')
})

test('that page does not ask for packages of the system', () => {
  const operation = { kind: 'osPackage', action: 'install', installer: 'auto', names: ['jq'], timeoutMs: 1 } as const
  expect(findBatchAddress({ ...execution, batches: [], operation: { ...operation, names: ['jq'] } })).toBeUndefined()
})
