import { expect, test } from 'vitest'
import { type InvocationState, invocationStates } from '../execution/invocation.ts'
import type { InvocationId } from '../id.ts'
import { type KnownInvocation, reconcileOpen } from './reconcile-open.ts'

const id = 'inv-abc-1-1' as InvocationId

/** The response to the agent about one invocation; `-` for none. */
function decide(
  known: KnownInvocation['state'] | 'unknown',
  agent: 'open' | 'ended' | 'silent' | 'partial',
  { cancelled = known === 'deleted', disowned = false } = {},
): string {
  const rows = known === 'unknown' ? [] : [{ id, state: known, cancelRequested: cancelled, disowned }]
  const open = agent === 'open' || agent === 'ended' ? [{ id, isEnded: agent === 'ended' }] : []
  const answer = reconcileOpen(rows, { open, isComplete: agent !== 'partial' })
  return (
    Object.entries(answer)
      .filter(([, ids]) => ids.length > 0)
      .map(([name]) => name)
      .join() || '-'
  )
}

const ofAgent = ['accepted', 'waiting', 'downloading', 'running', 'verifying'] as const
const over = ['succeeded', 'failed', 'timedOut', 'cancelled', 'withdrawn', 'lost'] as const

test.each(['queued', 'sent', ...ofAgent] as const)(
  'an agent that has open an invocation that is %s gets no response about it',
  (state) => {
    expect(decide(state, 'open')).toBe('-')
  },
)

test.each([...over, 'unknown'] as const)(
  'an agent that has open an invocation that is %s learns that it is over',
  (state) => {
    expect(decide(state, 'open')).toBe('over')
  },
)

test.each([...ofAgent, 'sent', 'lost', 'deleted'] as const)(
  'a cancel is sent to the agent that has open an invocation that is %s',
  (state) => {
    expect(decide(state, 'open', { cancelled: true })).toBe('cancelled')
  },
)

test.each([...invocationStates, 'unknown', 'deleted'] as const)(
  'an end on its way is not requested for an invocation that is %s',
  (state) => {
    expect(decide(state, 'ended')).toBe('-')
  },
)

test.each([...ofAgent, 'lost'] as const)(
  'the end of an invocation that is %s is requested if the agent does not name it',
  (state) => {
    expect(decide(state, 'silent')).toBe('wanted')
    expect(decide(state, 'silent', { cancelled: true })).toBe('wanted')
  },
)

test('an invocation that was handed out without a report is handed out again, unless it was cancelled', () => {
  expect(decide('sent', 'silent')).toBe('-')
  expect(decide('sent', 'silent', { cancelled: true })).toBe('wanted')
  expect(decide('queued', 'silent')).toBe('-')
})

test('an invocation that the agent has disowned is not requested again', () => {
  expect(decide('lost', 'silent', { disowned: true })).toBe('-')
})

test('a deleted one is settled when the agent no longer has it open', () => {
  expect(decide('deleted', 'silent')).toBe('settled')
})

test('nothing is requested from an agent with an incomplete inventory', () => {
  for (const state of [...invocationStates, 'deleted'] satisfies (InvocationState | 'deleted')[])
    expect(decide(state, 'partial', { cancelled: true })).toBe('-')
})
