import { expect, test } from 'vitest'
import { type DeliveryResult, decideDelivery, deliveryLifetimeMs } from './decide-delivery.ts'

const down: DeliveryResult = { accepted: false, fault: 'NoAnswer' }

/** Attempts until the delivery is given up, and when, on a clock that the decisions advance. */
function deliverTo(result: DeliveryResult) {
  const times: number[] = []
  for (let [ageMs, attempts] = [0, 1]; ; attempts++) {
    times.push(ageMs)
    const decision = decideDelivery(result, { attempts, ageMs, failures: attempts - 1 })
    if (decision.outcome !== 'retry') return { times, decision }
    ageMs += decision.retryInMs
  }
}

test('a receiver that is down is tried at growing intervals for three days, then the delivery is given up', () => {
  const { times, decision } = deliverTo(down)
  expect(times.slice(0, 5)).toEqual([0, 10_000, 30_000, 70_000, 150_000])
  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0))
  expect(gaps).toEqual(gaps.toSorted((a, b) => a - b))
  expect(times.at(-1)).toBeGreaterThanOrEqual(deliveryLifetimeMs)
  expect(decision.outcome).toBe('failed')
  expect(times.length).toBeLessThan(450)
})

test('after time without servers a delivery that is too old is attempted once more', () => {
  const old = { attempts: 1, ageMs: 10 * deliveryLifetimeMs, failures: 0 }
  expect(decideDelivery({ accepted: true, status: 200 }, old)).toEqual({ outcome: 'delivered' })
  expect(decideDelivery(down, old).outcome).toBe('failed')
})

test.each([
  ['no answer', down, 10_000],
  ['an error of the server', { accepted: false, status: 503 }, 10_000],
  ['too many requests', { accepted: false, status: 429 }, 10_000],
  ['a wrong address', { accepted: false, status: 404 }, 10_000],
  ['a body that the receiver rejects', { accepted: false, status: 422 }, undefined],
  ['a body that is too large', { accepted: false, status: 413 }, undefined],
] satisfies [string, DeliveryResult, number | undefined][])(
  '%s: the other deliveries wait only if the fault is not of this one',
  (_, result, pauseMs) => {
    const decision = decideDelivery(result, { attempts: 1, ageMs: 0, failures: 0 })
    expect('pauseMs' in decision ? decision.pauseMs : undefined).toBe(pauseMs)
  },
)

test('a receiver that was down for days is tried again within ten minutes', () => {
  const decision = decideDelivery(down, { attempts: 1, ageMs: 0, failures: 900 })
  expect(decision).toMatchObject({ pauseMs: 600_000, retryInMs: 10_000 })
})
