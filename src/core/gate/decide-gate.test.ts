import { describe, expect, test } from 'vitest'
import { renderEnglishReason } from '../reason/english-reasons.ts'
import { refuseApproval } from './decide-approval.ts'
import { decideGate, satisfies } from './decide-gate.ts'
import { findGateStep } from './find-gate-step.ts'
import type { Gate, GateProgress } from './gate.ts'

const soak: Gate = { kind: 'soak', durationMs: 1_000 }
const http: Gate = { kind: 'http', url: 'https://a', timeoutMs: 1_000 }
const approval: Gate = { kind: 'approval', count: 2, users: [], timeoutMs: 1_000 }
const at = (more: Partial<GateProgress> = {}): GateProgress => ({
  batch: 1,
  gate: 0,
  beganAt: 0,
  approvals: [],
  ...more,
})
const approves = (...users: string[]) => users.map((user) => ({ user, approves: true }))

describe('a soak time', () => {
  test('passes when it is over, not earlier', () => {
    expect(decideGate(soak, at(), 999)).toMatchObject({ kind: 'wait', until: 1_000 })
    expect(decideGate(soak, at(), 1_000)).toEqual({ kind: 'open' })
  })
})

describe('a check by a server', () => {
  test('passes with the first good result, also late', () => {
    expect(decideGate(http, at({ observation: { holds: true } }), 5_000)).toEqual({ kind: 'open' })
  })

  test('an address that does not answer is not passed after its time', () => {
    expect(decideGate(http, at(), 999)).toMatchObject({ kind: 'wait', until: 1_000 })
    const observation = { holds: false, fault: 'NoAnswer' } as const
    const silent = decideGate(http, at({ observation, observedAt: 1_000 }), 1_000)
    expect(silent.kind).toBe('failed')
    expect(renderEnglishReason('reason' in silent ? silent.reason : [])).toBe(
      'The gate http:https://a timeout=1s did not hold within its time. Its address did not answer.',
    )
  })

  test('fails only by a check after its time: the servers may have been away', () => {
    const observation = { holds: false, status: 503 } as const
    expect(decideGate(http, at(), 60_000)).toMatchObject({ kind: 'wait', until: 70_000 })
    expect(decideGate(http, at({ observation, observedAt: 999 }), 60_000)).toMatchObject({ kind: 'wait' })
    expect(decideGate(http, at({ observation, observedAt: 60_000 }), 60_000).kind).toBe('failed')
    expect(decideGate(http, at({ observation: { holds: true }, observedAt: 60_000 }), 60_000)).toEqual({ kind: 'open' })
  })

  test('the last value or status explains a failure', () => {
    for (const [observation, text] of [
      [{ holds: false, value: 0.25 }, 'The last value was 0.25.'],
      [{ holds: false, status: 503 }, 'The last answer had the status 503.'],
    ] as const) {
      const decision = decideGate(http, at({ observation, observedAt: 1_000 }), 1_000)
      expect(renderEnglishReason('reason' in decision ? decision.reason : [])).toContain(text)
    }
  })
})

describe('an approval', () => {
  test('needs different users', () => {
    expect(decideGate(approval, at({ approvals: approves('ann', 'ann') }), 0).kind).toBe('wait')
    expect(decideGate(approval, at({ approvals: approves('ann', 'ben') }), 0)).toEqual({ kind: 'open' })
  })

  test('one rejection fails it, unless the user approves after all', () => {
    const rejected = [...approves('ann', 'ben'), { user: 'cleo', approves: false }]
    expect(decideGate(approval, at({ approvals: rejected }), 0).kind).toBe('failed')
    expect(decideGate(approval, at({ approvals: [...rejected, ...approves('cleo')] }), 0)).toEqual({ kind: 'open' })
  })

  test('fails after its time', () => {
    expect(decideGate(approval, at({ approvals: approves('ann') }), 1_000).kind).toBe('failed')
  })

  test('is refused by the starter, by users that are not named, without a gate, and twice', () => {
    const user = { user: 'ann', roles: ['sre'], startedBy: 'root' }
    expect(refuseApproval(approval, at(), user, true)).toBeUndefined()
    expect(refuseApproval(approval, at(), { ...user, user: 'root' }, true)).toBe('StartedByUser')
    expect(refuseApproval({ ...approval, users: ['ben', 'cleo'] }, at(), user, true)).toBe('NotNamed')
    const byRole = { ...approval, users: ['ben'], roles: ['dba', 'sre'] }
    expect(refuseApproval(byRole, at(), user, true)).toBeUndefined()
    expect(refuseApproval(byRole, at(), { ...user, roles: ['dev'] }, true)).toBe('NotNamed')
    expect(refuseApproval({ ...approval, roles: ['dba'] }, at(), user, true)).toBe('NotNamed')
    expect(refuseApproval(byRole, at(), { ...user, user: 'ben', roles: [] }, true)).toBeUndefined()
    expect(refuseApproval(soak, at(), user, true)).toBe('NoApprovalGate')
    expect(refuseApproval(approval, at({ outcome: 'passed' }), user, true)).toBe('NoApprovalGate')
    expect(refuseApproval(approval, at({ approvals: approves('ann') }), user, true)).toBe('AlreadyDecided')
    expect(refuseApproval(approval, at({ approvals: approves('ann') }), user, false)).toBeUndefined()
  })
})

describe('gates are passed in order', () => {
  const gates = [soak, http]
  const step = (progress: GateProgress | undefined) => findGateStep(gates, { batch: 1, progress }, 2_000)
  test('from none to the last', () => {
    expect(findGateStep([], { batch: 1, progress: undefined }, 0)).toEqual({ kind: 'open' })
    expect(step(undefined)).toEqual({ kind: 'enter', gate: 0 })
    expect(step(at({ batch: 0 }))).toEqual({ kind: 'enter', gate: 0 })
    expect(step(at())).toMatchObject({ kind: 'leave', outcome: 'passed' })
    expect(step(at({ outcome: 'passed' }))).toEqual({ kind: 'enter', gate: 1 })
    expect(step(at({ gate: 1, beganAt: 1_500 }))).toMatchObject({ kind: 'wait', until: 2_500 })
    expect(step(at({ gate: 1, observedAt: 1_000 }))).toMatchObject({ kind: 'leave', outcome: 'failed' })
    expect(step(at({ gate: 1, outcome: 'passed' }))).toEqual({ kind: 'open' })
    expect(step(at({ gate: 1, outcome: 'failed', reason: [] }))).toEqual({ kind: 'failed', reason: [] })
  })
})

test.each([
  ['<', [1], [2, 3]],
  ['<=', [1, 2], [3]],
  ['>', [3], [1, 2]],
  ['>=', [2, 3], [1]],
  ['==', [2], [1, 3]],
  ['!=', [1, 3], [2]],
] as const)('%s 2', (comparison, good, bad) => {
  for (const value of good) expect(satisfies(value, comparison, 2)).toBe(true)
  for (const value of [...bad, Number.NaN]) expect(satisfies(value, comparison, 2)).toBe(false)
})
