import { expect, test } from 'vitest'
import { executionMoves, executionStatuses, offersControl, taskMoves, taskStatuses } from './execution.ts'
import { invocationMoves, invocationStates, isInvocationOpen } from './invocation.ts'
import { checkMove, listMoves, listSources } from './moves.ts'

test('a transition that is not in the table is an error that names it', () => {
  expect(() => checkMove('task 3', taskMoves, 'Success', 'Running')).toThrow(
    'task 3: there is no move from Success to Running',
  )
  for (const from of taskStatuses) for (const to of taskMoves[from]) checkMove('task', taskMoves, from, to)
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
