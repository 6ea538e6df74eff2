import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type DueSchedule, decideSchedule, missedPolicies, overlapPolicies } from './decide-schedule.ts'

const hour = 3_600_000
const hourly = (after: number) => (Math.floor(after / hour) + 1) * hour
const due: DueSchedule = { dueAt: 10 * hour, onMissed: 'skip', onOverlap: 'skip', isWaiting: false, isRunning: false }
const decide = (more: Partial<DueSchedule>, now: number) => decideSchedule({ ...due, ...more }, now, hourly)

test.each([
  ['on time', {}, 10 * hour, { kind: 'start', nextAt: 11 * hour }],
  ['late by a restart of the server', {}, 10 * hour + 200_000, { kind: 'start', nextAt: 11 * hour }],
  ['missed', {}, 13.5 * hour, { kind: 'skip', outcome: 'missed', nextAt: 14 * hour }],
  ['three missed, made up for once', { onMissed: 'run' }, 13.5 * hour, { kind: 'start', nextAt: 14 * hour }],
  ['the last one still runs', { isRunning: true }, 10 * hour, { kind: 'skip', outcome: 'overlap', nextAt: 11 * hour }],
  ['it waits for the last one', { isRunning: true, onOverlap: 'wait' }, 10 * hour, { kind: 'wait' }],
  [
    'the wait is over, hours later',
    { isWaiting: true, onOverlap: 'wait' },
    13.5 * hour,
    { kind: 'start', nextAt: 14 * hour },
  ],
  ['both may run', { isRunning: true, onOverlap: 'start' }, 10 * hour, { kind: 'start', nextAt: 11 * hour }],
] as const)('%s', (_, more, now, expected) => {
  expect(decide(more, now)).toEqual(expected)
})

test('an expression without a further time is not due again', () => {
  expect(decideSchedule(due, 10 * hour, () => undefined)).toEqual({ kind: 'start', nextAt: null })
})

test('whatever happens, executions overlap only if that is allowed, and the next time is in the future', () => {
  const states = fc.record({
    onMissed: fc.constantFrom(...missedPolicies),
    onOverlap: fc.constantFrom(...overlapPolicies),
    isWaiting: fc.boolean(),
    isRunning: fc.boolean(),
    lateMs: fc.nat(100 * hour),
  })
  fc.assert(
    fc.property(states, ({ lateMs, ...more }) => {
      const now = due.dueAt + lateMs
      const decision = decide(more, now)
      if (decision.kind === 'start') expect(more.isRunning && more.onOverlap !== 'start').toBe(false)
      if (decision.kind !== 'wait') expect(decision.nextAt).toBeGreaterThan(now)
    }),
  )
})
