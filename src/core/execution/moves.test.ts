import { expect, test } from 'vitest'
import { executionMoves, executionStatuses, isTaskEnded, offersControl, taskMoves, taskStatuses } from './execution.ts'
import { invocationMoves, invocationStates, isInvocationOpen } from './invocation.ts'
import { allowsMove, checkMove, listMoves, listSources } from './moves.ts'

test('a transition that is not in the table is an error that names it', () => {
  expect(() => checkMove('task 3', taskMoves, 'Success', 'Running')).toThrow(
    'task 3: there is no move from Success to Running',
  )
  for (const from of taskStatuses) for (const to of taskMoves[from]) checkMove('task', taskMoves, from, to)
})

test('a task has ended when nothing can cancel it any more; only a failed one may move then', () => {
  expect(taskStatuses.filter((status) => !isTaskEnded(status))).toEqual(['Pending', 'Running', 'Rebooting'])
  const movable = taskStatuses.filter((status) => isTaskEnded(status) && taskMoves[status].length > 0)
  expect(movable).toEqual(['Failed'])
  expect(allowsMove(taskMoves, 'Failed', 'Pending')).toBe(true)
  expect(allowsMove(taskMoves, 'Failed', 'Running')).toBe(false)
})

test('sources and moves are derived from the table', () => {
  for (const to of executionStatuses)
    for (const from of executionStatuses)
      expect(listSources(executionMoves, to).includes(from)).toBe(executionMoves[from].includes(to))
  expect(listMoves(taskMoves)).toContain('Failed Pending')
  expect(listMoves(taskMoves)).not.toContain('Success Pending')
})

test('an invocation only moves forward, and only the agent corrects a lost one', () => {
  for (const state of invocationStates) {
    const next = invocationMoves[state]
    expect(next.includes('withdrawn')).toBe(state === 'queued')
    expect(next.includes('sent')).toBe(state === 'queued')
    expect(next.includes('lost')).toBe(isInvocationOpen(state) && state !== 'queued')
    if (!isInvocationOpen(state) && state !== 'lost') expect(next).toEqual([])
  }
  expect(invocationMoves.lost.filter(isInvocationOpen)).toEqual([])
  expect(invocationMoves.running).not.toContain('accepted')
  expect(invocationMoves.sent).toContain('verifying')
})

test('the console offers no control that answers a question that was not asked', () => {
  expect(offersControl('Waiting', 'pause')).toBe(false)
  expect(offersControl('Running', 'resume')).toBe(false)
  expect(offersControl('Cancelled', 'cancel')).toBe(false)
  expect(offersControl('Running', 'pause')).toBe(true)
})
