import { renderToString } from 'ink'
import { createElement } from 'react'
import { expect, test } from 'vitest'
import { makeBatch, makeExecution, makeTask } from '../../../test/make-execution.ts'
import { View } from './live-view.ts'
import type { Progress } from './progress.ts'

const picture = (progress: Partial<Progress>, note?: string) =>
  renderToString(
    createElement(View, {
      progress: { execution: makeExecution(), running: new Map(), failures: [], ...progress },
      note,
      now: Date.parse('2026-01-01T00:01:05Z'),
      columns: 80,
      hasStyles: false,
    }),
    { columns: 80 },
  )
    .split('\n')
    .map((line) => line.trimEnd())

test('shows batches, counts, running and failed tasks', () => {
  const execution = makeExecution({
    batches: [makeBatch(1, 2, { pending: 0, success: 1, failed: 1 }), makeBatch(2, 4, { pending: 2, running: 2 })],
    counts: { Pending: 2, Running: 2, Rebooting: 0, Success: 1, Failed: 1, Cancelled: 0, Skipped: 0 },
    taskCount: 6,
    openBatch: 2,
    rateControl: { ...makeExecution().rateControl, maxErrors: 1 },
  })
  const running = new Map([1, 2].map((ordinal) => [`i-${ordinal}`, makeTask(ordinal)]))
  const failures = [makeTask(9, { status: 'Failed', reason: 'the script said no', exitCode: 3 })]
  expect(picture({ execution, running, failures }, 'The server is away.')).toEqual([
    'install demo v1  Running  1 min 5 s  exec-a',
    `batch 1/2   ${'█'.repeat(32)} 2/2 1 failed`,
    `batch 2/2   ${'▒'.repeat(16)}${'░'.repeat(16)} 0/4`,
    '2 of 6  2 Pending · 2 Running · 1 Success · 1 Failed  errors 1 of 1 accepted',
    'running: web-1, web-2',
    '✗ web-9 (i-9): the script said no (exit code 3)',
    'The server is away.',
    'Ctrl-C leaves it running',
  ])
})

test('of many batches it shows those around the open one, on any terminal', () => {
  const batches = Array.from({ length: 40 }, (_, index) => makeBatch(index + 1, 10))
  const execution = makeExecution({
    batches,
    openBatch: 20,
    rateControl: { ...makeExecution().rateControl, batchCount: 40 },
  })
  const rows = picture({ execution }).filter((line) => line.includes('batch'))
  expect(rows.map((line) => line.split('  ')[0])).toEqual(
    ['batch 17/40', 'batch 18/40', 'batch 19/40', 'batch 20/40', 'batch 21/40', 'batch 22/40', ''].map((name) =>
      expect.stringContaining(name),
    ),
  )
  expect(rows.at(-1)).toBe('  and 34 other batches')
})

test('a waiting execution shows how to continue; an ended one shows its duration', () => {
  const waiting = makeExecution({ status: 'Waiting', reasonCode: 'BatchPause', reason: 'batch 1 has ended' })
  expect(picture({ execution: waiting })).toContain('  to continue: chandler execution resume exec-a')
  const ended = makeExecution({ status: 'Success', endedAt: '2026-01-01T00:00:04.200Z' })
  expect(picture({ execution: ended })[0]).toBe('install demo v1  Success  4.2 s  exec-a')
  expect(picture({ execution: ended })).not.toContain('Ctrl-C leaves it running')
})
