import { expect, test } from 'vitest'
import type { ExecutionChange } from '../execution/reconcile-execution.ts'
import { makeReason } from '../reason/reason.ts'
import { findExecutionEvents } from './find-execution-events.ts'

const state: Parameters<typeof findExecutionEvents>[0] = {
  status: 'Running',
  reasonCode: 'Dispatching',
  reason: [],
  counts: [{ batch: 1, status: 'Success', reasonCode: 'Succeeded', count: 2 }],
  rateControl: {
    concurrency: 10,
    batchSizes: [1, 1],
    batchPause: 'Automatic',
    maxErrors: 0,
    gates: [
      { kind: 'soak', durationMs: 60_000 },
      { kind: 'approval', count: 1, users: [], timeoutMs: 60_000 },
    ],
  },
}
const typesOf = (changes: readonly ExecutionChange[], given: Partial<typeof state> = {}, isStarting = false) =>
  findExecutionEvents({ ...state, ...given }, changes, isStarting).map(({ type }) => type)
const status = (to: 'Running' | 'Success' | 'Failed', reasonCode: 'ErrorBudgetSpent' | 'AllSucceeded') =>
  ({ kind: 'setStatus', status: to, reasonCode, reason: makeReason('Paused') }) as const

test('the first tasks start: once', () => {
  expect(typesOf([{ kind: 'start', ordinals: [1], why: '' }], {}, true)).toEqual(['execution.started'])
  expect(typesOf([{ kind: 'start', ordinals: [2], why: '' }])).toEqual([])
})

test('only an approval gate requires an approval', () => {
  expect(typesOf([{ kind: 'beginGate', batch: 1, gate: 0 }])).toEqual([])
  const [event] = findExecutionEvents(state, [{ kind: 'beginGate', batch: 1, gate: 1 }], false)
  expect(event).toMatchObject({ type: 'execution.approvalRequired', batch: 1, gate: 'approval:1 timeout=1m' })
})

test('a gate that failed, not one that was passed', () => {
  const gate = { batch: 1, gate: 0, beganAt: 0, approvals: [] }
  const end = (outcome: 'passed' | 'failed'): ExecutionChange => ({ kind: 'endGate', outcome, reason: [] })
  expect(typesOf([end('passed')], { gate })).toEqual([])
  expect(typesOf([end('failed')], { gate })).toEqual(['execution.gateFailed'])
})

test('the error budget is spent once, although the rest ends in several passes', () => {
  expect(typesOf([status('Running', 'ErrorBudgetSpent')])).toEqual(['execution.budgetSpent'])
  expect(typesOf([status('Running', 'ErrorBudgetSpent')], { reasonCode: 'ErrorBudgetSpent' })).toEqual([])
  expect(typesOf([status('Failed', 'ErrorBudgetSpent')], { reasonCode: 'ErrorBudgetSpent' })).toEqual([
    'execution.finished',
  ])
})

test('the end has the final status and the number of tasks in each', () => {
  const [event, ...more] = findExecutionEvents(state, [status('Success', 'AllSucceeded')], false)
  expect(more).toEqual([])
  expect(event).toMatchObject({ type: 'execution.finished', status: 'Success', counts: { Success: 2, Failed: 0 } })
})
