import { describe, expect, test } from 'vitest'
import type { ExecutionId, ExtensionId } from '../id.ts'
import type { InstalledState } from '../instance/instance.ts'
import { renderEnglishReason } from '../reason/english-reasons.ts'
import { planRollback, type RollbackTarget, type StateOfChange } from './plan-rollback.ts'

const state = (version: number, more: Partial<StateOfChange> = {}): StateOfChange => ({
  status: 'installed',
  version,
  configurationId: 'linux',
  parametersDigest: 'digest',
  ...more,
})
const installed = (version: number, more: Partial<StateOfChange> = {}): InstalledState => ({
  extensionId: 'ext-1' as ExtensionId,
  executionId: 'exec-1' as ExecutionId,
  ...state(version, more),
})
const values = { parametersDigest: 'digest', parameterSet: 1, changes: [] }

const plan = (target: Partial<RollbackTarget>) => {
  const { reason, ...decision } = planRollback({
    change: undefined,
    installed: undefined,
    isAvailable: true,
    values,
    ...target,
  })
  return { ...decision, reason: renderEnglishReason(reason) }
}

describe('the state before is restored', () => {
  test('an update returns to the earlier version', () => {
    expect(plan({ change: { before: state(1), after: state(2) }, installed: installed(2) })).toEqual({
      step: 'update',
      reasonCode: 'Planned',
      reason: 'restores v1',
      fromVersion: 2,
      toVersion: 1,
      configurationId: 'linux',
      parametersDigest: 'digest',
      parameterSet: 1,
    })
  })

  test('changed values return, secret ones without being shown', () => {
    const changes = [
      { name: 'port', from: 9090, to: 8080 },
      { name: 'token', secret: true as const },
    ]
    const change = { before: state(1), after: state(1, { parametersDigest: 'other' }) }
    const decision = plan({
      change,
      installed: installed(1, { parametersDigest: 'other' }),
      values: { ...values, changes },
    })
    expect(decision).toMatchObject({ step: 'update', fromVersion: 1, toVersion: 1, parameterChanges: changes })
    expect(decision.reason).toContain('port: 9090 -> 8080')
    expect(decision.reason).toContain('token')
  })

  test('what was not installed is removed again', () => {
    expect(plan({ change: { before: undefined, after: state(2) }, installed: installed(2) })).toMatchObject({
      step: 'uninstall',
      fromVersion: 2,
      configurationId: 'linux',
      reason: 'not installed before the execution: uninstalls v2',
    })
  })

  test('what was removed is installed again', () => {
    const decision = plan({ change: { before: state(1), after: undefined } })
    expect(decision).toMatchObject({ step: 'install', toVersion: 1, reason: 'restores v1' })
    expect(decision).not.toHaveProperty('fromVersion')
  })

  test('a change that did not complete is installed over', () => {
    const broken = { status: 'broken' as const }
    expect(
      plan({ change: { before: state(1), after: state(2, broken) }, installed: installed(2, broken) }),
    ).toMatchObject({ step: 'install', fromVersion: 2, toVersion: 1 })
    expect(
      plan({ change: { before: state(1), after: state(1, broken) }, installed: installed(1, broken) }),
    ).toMatchObject({ step: 'install', fromVersion: 1, toVersion: 1 })
  })
})

describe('nothing is done', () => {
  test.each([
    ['the execution changed nothing', { change: undefined, installed: installed(2) }],
    [
      'it is as before, by another execution',
      { change: { before: state(1), after: state(2), changedBy: 'exec-9' as ExecutionId }, installed: installed(1) },
    ],
    ['it is absent as before', { change: { before: undefined, after: state(2) } }],
    [
      'it was broken before, and has the same content now',
      { change: { before: state(1, { status: 'broken' }), after: state(1) }, installed: installed(1) },
    ],
  ] satisfies [string, Partial<RollbackTarget>][])('%s', (_, target) => {
    expect(plan(target)).toMatchObject({ step: 'none', reasonCode: 'AlreadyAsWanted' })
  })
})

describe('what changed since is skipped with the reason', () => {
  const change = { before: state(1), after: state(2) }
  test.each([
    [{ change: { ...change, changedBy: 'exec-9' as ExecutionId }, installed: installed(2) }, 'changed by exec-9 since'],
    [{ change, installed: installed(3) }, 'changed since: it has v3 instead of v2'],
    [{ change }, 'changed since: it is no longer installed'],
    [{ change: { before: state(1), after: undefined }, installed: installed(3) }, 'changed since: v3 is installed'],
    [
      { change, installed: installed(2, { parametersDigest: 'other' }) },
      'changed since: v2 has another configuration, other parameters or another state',
    ],
    [
      { change, installed: installed(2, { status: 'broken' }) },
      'changed since: v2 has another configuration, other parameters or another state',
    ],
  ] satisfies [Partial<RollbackTarget>, string][])('%#', (target, reason) => {
    expect(plan(target)).toMatchObject({ step: 'skip', reasonCode: 'ChangedSince', reason })
  })
})

test('a version that was deleted cannot be restored', () => {
  const change = { before: state(1), after: state(2) }
  const expected = { step: 'skip', reasonCode: 'NoConfiguration', reason: 'cannot be restored: v1 was deleted' }
  expect(plan({ change, installed: installed(2), isAvailable: false })).toMatchObject(expected)
  expect(plan({ change, installed: installed(2), values: undefined })).toMatchObject(expected)
})
