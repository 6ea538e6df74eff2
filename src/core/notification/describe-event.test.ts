import { expect, test } from 'vitest'
import type { ExecutionId, InstanceId } from '../id.ts'
import { makeReason, makeTextReason } from '../reason/reason.ts'
import { describeEvent, findEventPath } from './describe-event.ts'
import type { EventType, ExecutionFacts, NotificationEvent } from './event.ts'

const facts: ExecutionFacts = {
  id: 'exec-1' as ExecutionId,
  operation: 'install demo v2',
  description: 'Friday release',
  status: 'Failed',
  reasonCode: 'TargetsFailed',
  reason: makeTextReason('2 of 5 failed.'),
  startedBy: 'ann',
  taskCount: 5,
  counts: { Pending: 0, Running: 0, Rebooting: 0, Success: 3, Failed: 2, Cancelled: 0, Skipped: 0 },
}
const event = (type: EventType, more: Partial<ExecutionFacts> = {}): NotificationEvent => ({
  id: 'evt-1',
  type,
  at: 0,
  data: { kind: 'execution', execution: { ...facts, ...more } },
})
const first = 'exec-1, started by ann, 5 instances: 3 Success, 2 Failed'

test.each([
  [event('execution.started'), 'Started: install demo v2', [first, 'Friday release'], 'info'],
  [
    event('execution.approvalRequired', { batch: 1, gate: 'approval:2', description: '' }),
    'Approval required: install demo v2',
    [first, 'Gate after batch 1: approval:2'],
    'info',
  ],
  [
    event('execution.gateFailed', { batch: 2, gate: 'http:https://a.example', description: '' }),
    'Gate failed: install demo v2',
    [first, 'Gate after batch 2: http:https://a.example', '2 of 5 failed.'],
    'problem',
  ],
  [
    event('execution.budgetSpent'),
    'Error budget spent: install demo v2',
    [first, 'Friday release', '2 of 5 failed.'],
    'problem',
  ],
  [event('execution.finished'), 'Failed: install demo v2', [first, 'Friday release', '2 of 5 failed.'], 'problem'],
  [
    event('execution.finished', { status: 'Success', description: '' }),
    'Success: install demo v2',
    [first, '2 of 5 failed.'],
    'success',
  ],
])('$type', (given, title, lines, severity) => {
  expect(describeEvent(given)).toEqual({ title, lines, severity })
  expect(findEventPath(given)).toBe('/executions/exec-1')
})

test('offline instances: the first by name, and how many more', () => {
  const instances = { count: 12, first: [{ id: 'i-1' as InstanceId, name: 'web-1', lastSeenAt: 0 }] }
  const given: NotificationEvent = {
    id: 'evt-2',
    type: 'instance.offline',
    at: 0,
    data: { kind: 'instances', instances },
  }
  expect(describeEvent(given)).toEqual({
    title: '12 instances offline',
    lines: ['web-1, and 11 more'],
    severity: 'problem',
  })
})

test('a halted assignment: what it is about, and why', () => {
  const reason = makeReason('AssignmentBudgetSpent', { failed: 3, maxErrors: 2 })
  const given: NotificationEvent = {
    id: 'evt-3',
    type: 'assignment.halted',
    at: 0,
    data: { kind: 'assignment', assignment: { name: 'demo-on-web', group: 'web', extension: 'demo', reason } },
  }
  expect(describeEvent(given)).toEqual({
    title: 'Assignment halted: demo-on-web',
    lines: ['demo on group web', 'Failed instances: 3. Accepted: 2.'],
    severity: 'problem',
  })
  expect(findEventPath(given)).toBe('/assignments?selected=demo-on-web')
})
