import { expect, test } from 'vitest'
import { type InvocationState, invocationStates } from '../execution/invocation.ts'
import type { InvocationId } from '../id.ts'
import { type KnownInvocation, reconcileOpen } from './reconcile-open.ts'

const id = 'inv-abc-1-1' as InvocationId

/** What the agent is told of one invocation; `-` for nothing. */
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

test.each(['queued', 'sent', ...ofAgent] as const)('an agent that has open what is %s is told nothing', (state) => {
  expect(decide(state, 'open')).toBe('-')
})

test.each([...over, 'unknown'] as const)('an agent that has open what is %s is told that it is over', (state) => {
  expect(decide(state, 'open')).toBe('over')
})

test.each([...ofAgent, 'sent', 'lost', 'deleted'] as const)(
  'a cancel reaches the agent that has open what is %s',
  (state) => {
    expect(decide(state, 'open', { cancelled: true })).toBe('cancelled')
  },
)

test.each([...invocationStates, 'unknown', 'deleted'] as const)(
  'an end that is on its way is not asked for, of what is %s',
  (state) => {
    expect(decide(state, 'ended')).toBe('-')
  },
)

test.each([...ofAgent, 'lost'] as const)(
  'the end of what is %s is asked for where the agent does not name it',
  (state) => {
    expect(decide(state, 'silent')).toBe('wanted')
    expect(decide(state, 'silent', { cancelled: true })).toBe('wanted')
  },
)

test('what was handed out and never heard of is handed out again, unless it was told to stop', () => {
  expect(decide('sent', 'silent')).toBe('-')
  expect(decide('sent', 'silent', { cancelled: true })).toBe('wanted')
  expect(decide('queued', 'silent')).toBe('-')
})

test('what the agent has disowned is not asked for again', () => {
  expect(decide('lost', 'silent', { disowned: true })).toBe('-')
})

test('a deleted one is settled when the agent has it open no more', () => {
  expect(decide('deleted', 'silent')).toBe('settled')
})

test('an agent that could not name everything is asked for nothing', () => {
  for (const state of [...invocationStates, 'deleted'] satisfies (InvocationState | 'deleted')[])
    expect(decide(state, 'partial', { cancelled: true })).toBe('-')
})
