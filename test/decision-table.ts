import { expect, test } from 'vitest'
import type { TaskReasonCode, TaskStatus } from '../src/core/execution/execution.ts'
import {
  type Decision,
  type ExecutionState,
  type OverdueInvocation,
  reconcileExecution,
} from '../src/core/execution/reconcile-execution.ts'
import type { TaskCount } from '../src/core/execution/task-counts.ts'
import type { InvocationId } from '../src/core/id.ts'
import { makeReason } from '../src/core/reason/reason.ts'

// Decision tables: one line per state with the expected decision.

export const now = 1_000_000

type Counts = Partial<Record<TaskStatus, number | Partial<Record<TaskReasonCode, number>>>>

const usualReason: Readonly<Record<TaskStatus, TaskReasonCode>> = {
  Pending: 'Planned',
  Running: 'Dispatched',
  Rebooting: 'Rebooting',
  Success: 'Succeeded',
  Failed: 'ScriptFailed',
  Cancelled: 'CancelledByUser',
  Skipped: 'NotInScope',
}

/** Counts per batch, batch 1 first; a number implies the status's usual reason. */
export function makeCounts(...batches: Counts[]): TaskCount[] {
  return batches.flatMap((counts, index) =>
    Object.entries(counts).flatMap(([key, value]) => {
      const status = key as TaskStatus
      const byReason = typeof value === 'number' ? { [usualReason[status]]: value } : value
      return Object.entries(byReason).map(
        ([reasonCode, count]): TaskCount => ({
          batch: index + 1,
          status,
          reasonCode: reasonCode as TaskReasonCode,
          count,
        }),
      )
    }),
  )
}

export function makeState(
  state: Partial<ExecutionState>,
  rates: Partial<ExecutionState['rateControl']> = {},
): ExecutionState {
  return {
    status: 'Running',
    reasonCode: 'Dispatching',
    reason: makeReason('BatchOpen', { batch: 1, batchCount: 2 }),
    mode: 'Automatic',
    rateControl: { batchSizes: [4, 4], concurrency: 2, maxErrors: 1, batchPause: 'Automatic', ...rates },
    openBatch: 1,
    pauseRequested: false,
    acceptedFailures: 0,
    cancelRequested: false,
    strict: false,
    taskNamed: false,
    counts: [],
    candidates: [],
    blocked: 0,
    partsDue: [],
    partsWaiting: [],
    overdue: [],
    unstopped: 0,
    ...state,
  }
}

export const makeOverdue = (overdue: Partial<OverdueInvocation> = {}): OverdueInvocation => ({
  invocationId: 'inv-a-1-1' as InvocationId,
  ordinal: 1,
  state: 'running',
  cancelRequested: false,
  ...overdue,
})

/** `start 1,2 | Running Dispatching | again | wake +5`: a decision on one line. */
function render({ changes, again, wakeAt }: Decision): string {
  const parts = changes.map((change) => {
    switch (change.kind) {
      case 'start':
        return `start ${change.ordinals.join(',')}`
      case 'continue':
        return `continue ${change.ordinals.join(',')}`
      case 'endParts':
        return `end parts ${change.ordinals.join(',')} ${change.end.status} ${change.end.reasonCode}`
      case 'endTask':
        return `end ${change.overdue.ordinal} ${change.end.status} ${change.end.reasonCode}`
      case 'endPending':
        return `end pending ${change.end.status} ${change.end.reasonCode}`
      case 'stopRunning':
        return `stop within ${change.deadlineMs}`
      case 'beginGate':
        return `gate ${change.gate} after ${change.batch}`
      case 'endGate':
        return `gate ${change.outcome}`
      case 'openBatch':
        return `open ${change.batch}`
      case 'setStatus':
        return `${change.status} ${change.reasonCode}`
    }
  })
  const wake = wakeAt === undefined ? [] : [`wake +${wakeAt - now}`]
  return [...parts, ...(again ? ['again'] : []), ...wake].join(' | ') || 'nothing'
}

interface Row {
  readonly state: Partial<ExecutionState>
  readonly rates?: Partial<ExecutionState['rateControl']>
  readonly expected: string
}

export function check(rows: Readonly<Record<string, Row>>): void {
  test.each(Object.entries(rows))('%s', (_, { state, rates, expected }) => {
    expect(render(reconcileExecution(makeState(state, rates), now))).toBe(expected)
  })
}
