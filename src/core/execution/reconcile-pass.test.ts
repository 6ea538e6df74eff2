import { expect, test } from 'vitest'
import {
  changeExecutionRow,
  concludePass,
  countBlocked,
  type LoadableExecution,
  mayHaveReleasedWaits,
  planLoad,
} from './reconcile-pass.ts'
import type { TaskCount } from './task-counts.ts'

const count = (status: TaskCount['status'], n: number, batch = 1, reasonCode: TaskCount['reasonCode'] = 'Planned') => ({
  status,
  count: n,
  batch,
  reasonCode,
})

function makeLoadable(changes: Partial<LoadableExecution> = {}): LoadableExecution {
  const rateControl = {
    batchSizes: [10, 10],
    concurrency: 4,
    maxErrors: 0,
    batchPause: 'Automatic',
  } as unknown as LoadableExecution['rateControl']
  const counts = [count('Pending', 10), count('Pending', 10, 2), count('Success', 3, 0)]
  return {
    mode: 'Automatic',
    rateControl,
    openBatch: 1,
    cancelRequested: false,
    hasParts: false,
    counts,
    ...changes,
  }
}

test('a pass loads as many candidates as there are free places', () => {
  const running = [count('Pending', 7), count('Running', 3)]
  expect(planLoad(makeLoadable()).candidates).toBe(4)
  expect(planLoad(makeLoadable({ counts: running })).candidates).toBe(1)
  expect(planLoad(makeLoadable({ counts: [...running, count('Running', 2)] })).candidates).toBe(0)
  expect(planLoad(makeLoadable({ counts: [...running, count('Rebooting', 1)] }))).toMatchObject({ candidates: 0 })
  expect(planLoad(makeLoadable({ counts: [count('Rebooting', 1)] }))).toMatchObject({ deadlines: true })
})

test('without an open batch there are no candidates, and without pending tasks in one there are none either', () => {
  expect(planLoad(makeLoadable({ openBatch: 0 })).candidates).toBe(0)
  expect(planLoad(makeLoadable({ counts: [count('Success', 10), count('Pending', 10, 2)] })).candidates).toBe(0)
})

test('deadlines, parts and unstopped invocations are loaded only while tasks run', () => {
  const all = { hasParts: true, cancelRequested: true }
  expect(planLoad(makeLoadable(all))).toMatchObject({ deadlines: false, parts: false, unstopped: false })
  const running = { counts: [count('Running', 1)] }
  expect(planLoad(makeLoadable({ ...all, ...running }))).toMatchObject({
    deadlines: true,
    parts: true,
    unstopped: true,
  })
  expect(planLoad(makeLoadable(running))).toMatchObject({ deadlines: true, parts: false, unstopped: false })
})

test('only in Debug mode the named task is loaded', () => {
  expect(planLoad(makeLoadable()).named).toBe(false)
  expect(planLoad(makeLoadable({ mode: 'Debug' })).named).toBe(true)
})

test('blocked are the pending tasks of open batches that wait for another execution', () => {
  const counts = [
    count('Pending', 5),
    count('Pending', 3, 1, 'WaitingForOtherExecution'),
    count('Pending', 2, 2, 'WaitingForOtherExecution'),
  ]
  expect(countBlocked(counts, 1)).toBe(3)
  expect(countBlocked(counts, 2)).toBe(5)
})

test('waits are looked at when tasks or parts wait', () => {
  expect(mayHaveReleasedWaits({ blocked: 0, partsWaiting: [] })).toBe(false)
  expect(mayHaveReleasedWaits({ blocked: 1, partsWaiting: [] })).toBe(true)
  expect(mayHaveReleasedWaits({ blocked: 0, partsWaiting: [7] })).toBe(true)
})

test('the next pass is at the earliest of what was decided and what was started', () => {
  const clock = { now: 1_000, deliveryTimeoutMs: 500 }
  const nothing = { startedCount: 0, blockedCount: 0 }
  const started = { startedCount: 2, blockedCount: 0 }
  expect(concludePass({ again: false }, nothing, clock)).toEqual({ again: false })
  expect(concludePass({ again: false, wakeAt: 1_800 }, nothing, clock)).toEqual({ again: false, wakeAt: 1_800 })
  expect(concludePass({ again: false, wakeAt: 1_800 }, started, clock)).toEqual({ again: false, wakeAt: 1_500 })
  expect(concludePass({ again: false, wakeAt: 1_200 }, started, clock)).toEqual({ again: false, wakeAt: 1_200 })
  expect(concludePass({ again: false }, started, clock)).toEqual({ again: false, wakeAt: 1_500 })
})

test('a task that found its instance locked makes room: the next pass is at once', () => {
  const clock = { now: 1_000, deliveryTimeoutMs: 500 }
  expect(concludePass({ again: false }, { startedCount: 0, blockedCount: 1 }, clock)).toEqual({ again: true })
  expect(concludePass({ again: true }, { startedCount: 0, blockedCount: 0 }, clock)).toEqual({ again: true })
})

const start = { kind: 'start', ordinals: [1], why: '' } as const
const fresh = { hasStarted: false, taskNamed: false }

test('the first start of tasks starts the execution, also when every task was blocked', () => {
  expect(changeExecutionRow(fresh, [start], { startedCount: 0 })).toEqual({ isStarting: true })
  expect(changeExecutionRow({ ...fresh, hasStarted: true }, [start], { startedCount: 1 })).toEqual({})
})

test('a named task is named until it has started', () => {
  const named = { hasStarted: true, taskNamed: true }
  expect(changeExecutionRow(named, [start], { startedCount: 0 })).toEqual({})
  expect(changeExecutionRow(named, [start], { startedCount: 1 })).toEqual({ isNamedTaskStarted: true })
  expect(changeExecutionRow(named, [], { startedCount: 0 })).toEqual({})
})

test('a batch and a status are taken over, and a final status ends the execution', () => {
  const open = { kind: 'openBatch', batch: 2, why: '' } as const
  expect(changeExecutionRow(fresh, [open], { startedCount: 0 })).toEqual({ openBatch: 2 })
  const waiting = { status: 'Waiting', reasonCode: 'BatchPause' } as const
  const failed = { status: 'Failed', reasonCode: 'TargetsFailed' } as const
  const setTo = (to: typeof waiting | typeof failed) =>
    changeExecutionRow(fresh, [{ kind: 'setStatus', ...to, reason: anyReason }], { startedCount: 0 })
  expect(setTo(waiting)).toEqual({ ...waiting, reason: anyReason })
  expect(setTo(failed)).toEqual({ ...failed, reason: anyReason, isEnding: true })
})

const anyReason = '' as never
