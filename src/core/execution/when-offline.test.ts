import fc from 'fast-check'
import { expect, test } from 'vitest'
import { defaultDeliveryTimeoutMs, maxDeliveryTimeoutMs } from '../limits.ts'
import { offlineGraceMs, offlinePolicies, resolveWhenOffline } from './when-offline.ts'

test.each([
  [{}, { skipOffline: false, deliveryTimeoutMs: defaultDeliveryTimeoutMs }],
  [{ skipOffline: true }, { skipOffline: true, deliveryTimeoutMs: defaultDeliveryTimeoutMs }],
  [{ deliveryTimeoutMs: 5_000 }, { skipOffline: false, deliveryTimeoutMs: 5_000 }],
  [{ whenOffline: 'skip' }, { skipOffline: true, deliveryTimeoutMs: defaultDeliveryTimeoutMs }],
  [
    { whenOffline: 'skip', skipOffline: true },
    { skipOffline: true, deliveryTimeoutMs: defaultDeliveryTimeoutMs },
  ],
  [{ whenOffline: 'wait' }, { skipOffline: false, deliveryTimeoutMs: maxDeliveryTimeoutMs }],
  [
    { whenOffline: 'wait', deliveryTimeoutMs: 5_000 },
    { skipOffline: false, deliveryTimeoutMs: 5_000 },
  ],
  [{ whenOffline: 'fail' }, { skipOffline: false, deliveryTimeoutMs: offlineGraceMs }],
] as const)('%j', (request, terms) => {
  expect(resolveWhenOffline(request)).toEqual({ terms })
})

test.each([
  [{ whenOffline: 'wait', skipOffline: true }, 'contradicts skipOffline'],
  [{ whenOffline: 'fail', skipOffline: true }, 'contradicts skipOffline'],
  [{ whenOffline: 'fail', deliveryTimeoutMs: 5_000 }, 'no deadline'],
  [{ whenOffline: 'skip', deliveryTimeoutMs: 5_000 }, 'no deadline'],
] as const)('%j is refused', (request, problem) => {
  expect(resolveWhenOffline(request)).toEqual({ problem: expect.stringContaining(problem) })
})

test('only skip leaves out, fail never waits longer than the others, and nothing waits longer than the maximum', () => {
  const request = fc.record(
    {
      whenOffline: fc.constantFrom(...offlinePolicies),
      skipOffline: fc.boolean(),
      deliveryTimeoutMs: fc.integer({ min: 1_000, max: maxDeliveryTimeoutMs }),
    },
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(request, (one) => {
      const resolved = resolveWhenOffline(one)
      if ('problem' in resolved) return
      const { skipOffline, deliveryTimeoutMs } = resolved.terms
      expect(skipOffline).toBe(one.whenOffline === 'skip' || one.skipOffline === true)
      expect(deliveryTimeoutMs).toBeLessThanOrEqual(maxDeliveryTimeoutMs)
      if (one.deliveryTimeoutMs !== undefined) expect(deliveryTimeoutMs).toBe(one.deliveryTimeoutMs)
      if (one.whenOffline === 'fail') expect(deliveryTimeoutMs).toBe(offlineGraceMs)
      // As stored, it means the same again: a repeated execution keeps it.
      expect(resolveWhenOffline(resolved.terms)).toEqual(resolved)
    }),
  )
})
