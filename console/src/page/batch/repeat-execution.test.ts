import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { BatchView, ExecutionView } from '../../../../src/protocol/api/executions.ts'
import { readUrlState } from '../../url/use-url-state.ts'
import { batchOptions, batchPageSchema, emptyUnshared } from './batch-state.ts'
import { readBatch } from './make-request.ts'
import { repeatExecution } from './repeat-execution.ts'
import { resolveDrawing } from './resolve-drawing.ts'

type Done = Parameters<typeof repeatExecution>[0]
const batchOf = (size: number, index: number): BatchView => ({
  number: index + 1,
  size,
  pending: 0,
  running: 0,
  rebooting: 0,
  success: size,
  failed: 0,
  cancelled: 0,
  skipped: 0,
})
const done = (change: Partial<Done> = {}): Done => ({
  operation: { kind: 'extension', action: 'install', extension: 'demo', version: 'v2' },
  targets: { kind: 'tags', tags: { env: 'prod' } },
  rateControl: { mode: 'Batch', concurrency: 3, batchPause: 'FirstBatchPause', maxErrors: 2, batchCount: 3 },
  batches: [1, 4, 4, 2].map(batchOf),
  mode: 'FailurePause',
  strict: false,
  skipOffline: false,
  description: 'ticket 7',
  ...change,
})
const read = (execution: Done) => {
  const repeated = repeatExecution(execution)
  if ('problem' in repeated) throw new Error(repeated.problem)
  const state = { ...readUrlState(batchPageSchema, ''), ...repeated.state }
  const source = { version: 'v2', declarations: {} }
  return readBatch(state, { ...emptyUnshared, ...repeated.unshared }, source)
}

test('the form equals the request of the execution', () => {
  expect(read(done()).request).toEqual({
    action: 'install',
    extension: 'demo',
    version: 'v2',
    parameters: {},
    targets: { kind: 'tags', tags: { env: 'prod' } },
    rateControl: {
      mode: 'Batch',
      batches: ['1', '4'],
      concurrencyInBatches: '3',
      maxErrors: '2',
      batchPause: 'FirstBatchPause',
    },
  })
})

test('batches are restored as they were', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 12 }), (sizes) => {
      const { rateControl } = read(done({ batches: sizes.map(batchOf) }))
      const count = sizes.reduce((sum, size) => sum + size, 0)
      expect(rateControl && resolveDrawing(rateControl, 'Automatic', count)).toMatchObject({
        resolved: { batchSizes: sizes },
      })
    }),
  )
})

test.each<ExecutionView['targets']>([
  { kind: 'all' },
  { kind: 'group', group: 'shop' },
  { kind: 'savedGroup', name: 'web' },
  { kind: 'ids', ids: ['i-aaaaaaaaaaaaaaaa'] },
  { kind: 'ids', ids: Array.from({ length: 2_000 }, (_, index) => `i-${String(index).padStart(16, '0')}`) },
  { kind: 'names', names: ['name', 'say "hi", all'] },
  { kind: 'filter', filter: String.raw`os=debian,tag:env!=prod,name~a\,b` },
])('targets: $kind', (targets) => {
  expect(read(done({ targets })).request?.targets).toEqual(targets)
})

test.each(batchOptions)('option: %s', (option) => {
  const { operation: installation, ...others } = done()
  const removal = { kind: 'extension', action: 'uninstall', extension: 'demo' } as const
  const operation = option === 'autoremove' ? removal : installation
  const execution = ['strict', 'skipOffline'].includes(option)
    ? { operation, ...others, [option]: true }
    : { ...others, operation: { ...operation, [option]: option === 'reboot' ? 'allowed' : true } as typeof operation }
  const { request } = read(execution)
  expect(batchOptions.filter((one) => request?.[one])).toEqual([option])
})

test.each([undefined, 90_000, 1_200_000])('time limit of a reboot: %s ms', (rebootTimeoutMs) => {
  const { operation, ...others } = done()
  const limit = rebootTimeoutMs === undefined ? {} : { rebootTimeoutMs }
  const { request } = read({ ...others, operation: { ...operation, reboot: 'allowed', ...limit } as typeof operation })
  expect(request).toMatchObject({ reboot: 'allowed' })
  expect(request?.rebootTimeoutMs).toBe(rebootTimeoutMs)
})

test('an upgrade of agents', () => {
  const operation = { kind: 'agentUpgrade', version: '0.2.0', connectTimeoutMs: 90_000 } as const
  const { request } = read({ ...done({ operation }), parameters: [] })
  expect(request).toMatchObject({
    operation: { kind: 'agentUpgrade', connectTimeoutMs: 90_000 },
    rateControl: { batches: ['1', '4'] },
  })
})

test('operations other than a single extension and an upgrade of agents are not supported', () => {
  const operation = { kind: 'command', type: 'RunShellScript', timeoutMs: 60_000 } as const
  expect(repeatExecution(done({ operation }))).toEqual({ problem: 'other-kind' })
})

test('set values and percentages are prefilled as requested; secrets are named', () => {
  const repeated = repeatExecution(
    done({
      parameters: [{ values: { port: 9999, tls: false, token: '******' }, given: ['port', 'token'], reset: true }],
      rateControl: {
        mode: 'Batch',
        concurrency: 3,
        batchPause: 'FirstBatchPause',
        maxErrors: 2,
        batchCount: 3,
        requested: {
          mode: 'Batch',
          batches: [1, '10%', '50%'],
          concurrencyInBatches: '20%',
          maxErrors: '5%',
          batchPause: 'FirstBatchPause',
        },
      },
    }),
  )
  expect(repeated).toMatchObject({
    state: {
      parameters: { port: '9999' },
      values: 'reset',
      batches: '1, 10%, 50%',
      batchConcurrency: '20%',
      errors: '5%',
    },
    secrets: ['token'],
  })
})
