import { expect, test } from 'vitest'
import { planInputSchema } from '../../../../src/protocol/api/executions.ts'
import { readUrlState } from '../../url/use-url-state.ts'
import { batchPageSchema, emptyUnshared, type UnsharedInput } from './batch-state.ts'
import { readBatch } from './make-request.ts'

const declarations = {
  port: { type: 'Number', default: 80 },
  password: { type: 'String', noEcho: true },
} as const
const read = (search: string, unshared: Partial<UnsharedInput> = {}) =>
  readBatch(readUrlState(batchPageSchema, search), { ...emptyUnshared, ...unshared }, { version: 'v2', declarations })

test('an address and a secret become a valid request', () => {
  const { request } = read('extension=demo&instances=i-1&parameters={"port":"81"}', { secrets: { password: 'x' } })
  expect(request).toEqual({
    action: 'install',
    extension: 'demo',
    version: 'v2',
    parameters: { port: 81, password: 'x' },
    targets: { kind: 'ids', ids: ['i-1'] },
    rateControl: { mode: 'Concurrency', concurrency: '10', maxErrors: '0' },
  })
  expect(planInputSchema.safeParse(request).success).toBe(true)
})

test('uninstall has neither version nor parameters; batches are separated by commas', () => {
  const { request } = read(
    'action=uninstall&extension=demo&version=v1&by=all&control=Batch&batches=1,,10%25,%2050%25&errors=2%25&pause=FirstBatchPause',
  )
  expect(request).toEqual({
    action: 'uninstall',
    extension: 'demo',
    targets: { kind: 'all' },
    rateControl: {
      mode: 'Batch',
      batches: ['1', '10%', '50%'],
      concurrencyInBatches: '20',
      maxErrors: '2%',
      batchPause: 'FirstBatchPause',
    },
  })
  expect(planInputSchema.safeParse(request).success).toBe(true)
})

test('options of the address become fields of the request; uninstall has no reinstall, and only it has autoremove', () => {
  const options = 'options=strict,reinstall,allowRemovals,autoremove,skipOffline,other'
  const { request } = read(`extension=demo&by=all&${options}`, { secrets: { password: 'x' } })
  expect(request).toMatchObject({ reinstall: true, allowRemovals: true, skipOffline: true, strict: true })
  expect(request).not.toHaveProperty('autoremove')
  expect(planInputSchema.safeParse(request).success).toBe(true)
  const removal = read(`action=uninstall&extension=demo&by=all&${options}`).request
  expect(removal).toMatchObject({ allowRemovals: true, autoremove: true, skipOffline: true, strict: true })
  expect(removal).not.toHaveProperty('reinstall')
})

test('an upgrade of agents needs no extension, and has only the options of every execution', () => {
  const { request } = read(
    'action=upgradeAgents&extension=gone&by=all&options=strict,reinstall,reboot,skipOffline&rebootMinutes=20&connectMinutes=3',
  )
  expect(request).toEqual({
    operation: { kind: 'agentUpgrade', connectTimeoutMs: 180_000 },
    targets: { kind: 'all' },
    skipOffline: true,
    strict: true,
    rateControl: { mode: 'Concurrency', concurrency: '10', maxErrors: '0' },
  })
  expect(planInputSchema.safeParse(request).success).toBe(true)
})

test('the time limit of a reboot counts only where reboots are allowed', () => {
  const search = 'extension=demo&by=all&rebootMinutes='
  const secrets = { secrets: { password: 'x' } }
  const { request } = read(`${search}20&options=reboot`, secrets)
  expect(request).toMatchObject({ reboot: 'allowed', rebootTimeoutMs: 1_200_000 })
  expect(planInputSchema.safeParse(request).success).toBe(true)
  expect(read(`${search}20`, secrets).request).not.toHaveProperty('rebootTimeoutMs')
  expect(read(`${search}soon&options=reboot`, secrets)).toMatchObject({ rebootTimeoutMs: null, request: undefined })
})

test('invalid fields are reported, and there is no request', () => {
  const batch = read('extension=demo&control=Batch&batches=ten&batchConcurrency=0&errors=-1')
  expect(batch.request).toBeUndefined()
  expect(batch.targets).toEqual({ problem: 'none' })
  expect(Object.keys(batch.parameters.problems)).toEqual(['password'])
  expect(Object.keys(batch.rateProblems).toSorted()).toEqual(['batches', 'concurrencyInBatches', 'maxErrors'])
})

test('a secret in the address is ignored', () => {
  const batch = read('extension=demo&by=all&parameters={"password":"seen"}')
  expect(batch.request).toBeUndefined()
  expect(batch.parameters.problems['password']?.code).toBe('missing')
})
