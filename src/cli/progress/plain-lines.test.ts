import { describe, expect, test } from 'vitest'
import { makeBatch, makeExecution, makeTask } from '../../../test/make-execution.ts'
import type { ExecutionView, TaskView } from '../../protocol/api/executions.ts'
import { linesOf } from './plain-lines.ts'
import { applyEvent, maxFailuresKept, type Progress } from './progress.ts'

/** The lines printed for these events. */
function say(...events: (Partial<ExecutionView> | TaskView[])[]): string[] {
  let progress: Progress | undefined
  return events.flatMap((event) => {
    const next = applyEvent(
      progress,
      Array.isArray(event) ? { kind: 'tasks', tasks: event } : { kind: 'execution', execution: makeExecution(event) },
    )
    const lines = next ? linesOf(progress, next.progress, next.failed) : []
    progress = next?.progress ?? progress
    return lines
  })
}
const first = makeBatch(1, 1, { pending: 0, running: 1 })
const firstEnded = makeBatch(1, 1, { pending: 0, success: 1 })
const opening = 'exec-a: install demo v1 on 3 targets in 2 batches (1, 2), 20 at once, at most 0 errors'

describe('lines', () => {
  test('print what the user can do when one gate follows another', () => {
    const waiting = { status: 'Waiting', reasonCode: 'GateWait' } as const
    const lines = say(
      { ...waiting, reason: 'soaks', reasonMessages: [{ code: 'GateSoaks', arguments: { until: 0 } }] },
      { ...waiting, reason: 'needs approval', reasonMessages: [{ code: 'GateNeedsApproval', arguments: {} }] },
    )
    expect(lines.slice(1)).toEqual([
      'waiting: soaks',
      '  to cancel:   chandler execution cancel exec-a',
      'waiting: needs approval',
      '  another user:  chandler execution approve exec-a',
      '  to cancel:     chandler execution cancel exec-a',
    ])
  })

  test('print the start, each batch and each failure, and nothing twice', () => {
    const failed = makeTask(2, { status: 'Failed', reason: 'the install script ended with exit code 2', exitCode: 2 })
    expect(
      say(
        { batches: [makeBatch(1, 1), makeBatch(2, 2)] },
        { batches: [first, makeBatch(2, 2)] },
        { batches: [first, makeBatch(2, 2)] },
        { batches: [firstEnded, makeBatch(2, 2, { pending: 0, running: 2 })] },
        [failed],
        [failed],
        { batches: [firstEnded, makeBatch(2, 2, { pending: 0, success: 1, failed: 1 })], status: 'Failed' },
      ),
    ).toEqual([
      opening,
      'batch 1 of 2: 1 target',
      'batch 1 of 2 ended: 1 succeeded',
      'batch 2 of 2: 2 targets',
      'failed: web-2 (i-2): the install script ended with exit code 2',
      'batch 2 of 2 ended: 1 succeeded, 1 failed',
    ])
  })

  test('a second failed attempt is another failure', () => {
    const failed = makeTask(1, { status: 'Failed', reason: 'no', exitCode: 7 })
    const [, ...lines] = say(
      { taskCount: 1 },
      [failed],
      [{ ...failed, status: 'Pending' }],
      [{ ...failed, attempt: 2 }],
    )
    expect(lines).toEqual(['failed: web-1 (i-1): no (exit code 7)', 'failed: web-1 (i-1): no (exit code 7)'])
  })

  test('print how to continue when it waits', () => {
    const [, ...lines] = say({}, { status: 'Waiting', reasonCode: 'BatchPause', reason: 'batch 1 has ended' })
    expect(lines).toEqual([
      'waiting: batch 1 has ended',
      '  to continue: chandler execution resume exec-a',
      '  to cancel:   chandler execution cancel exec-a',
    ])
  })

  test('print why it still waits after a task that was too fast to be seen running, and the next steps once', () => {
    const waits = (reason: string) => ({ status: 'Waiting', reasonCode: 'DebugPause', reason }) as const
    const [, ...lines] = say({}, waits('2 pending'), waits('2 pending'), waits('1 succeeded, 1 pending'))
    expect(lines).toEqual([
      'waiting: 2 pending',
      '  to continue: chandler execution run-task exec-a --instance ID',
      '  to end:      chandler execution complete exec-a',
      'waiting: 1 succeeded, 1 pending',
    ])
  })

  test('print every tenth of a single batch', () => {
    const rateControl = { ...makeExecution().rateControl, batchCount: 1 }
    const at = (Success: number, Failed = 0) => ({
      rateControl,
      taskCount: 100,
      counts: { Success, Failed, Running: 5 } as ExecutionView['counts'],
    })
    const [, ...lines] = say(at(0), at(9), at(10), at(11), at(30, 2), at(100))
    expect(lines).toEqual([
      '10 of 100 ended, 5 running',
      '32 of 100 ended, 2 failed, 5 running',
      '100 of 100 ended, 5 running',
    ])
  })

  test('contain no control characters from an instance', () => {
    expect(say({}, [makeTask(1, { status: 'Failed', reason: '\u001b[2Jgone\nfar' })]).at(-1)).toBe(
      'failed: web-1 (i-1):  [2Jgone far',
    )
  })
})

test('a long-running view keeps only the newest failures', () => {
  let progress: Progress = { execution: makeExecution(), running: new Map(), failures: [] }
  for (let ordinal = 1; ordinal <= maxFailuresKept + 5; ordinal++) {
    progress =
      applyEvent(progress, { kind: 'tasks', tasks: [makeTask(ordinal, { status: 'Failed' })] })?.progress ?? progress
  }
  expect(progress.failures).toHaveLength(maxFailuresKept)
  expect(progress.failures.at(-1)?.ordinal).toBe(maxFailuresKept + 5)
})
