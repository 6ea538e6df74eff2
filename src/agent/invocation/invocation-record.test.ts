import { expect, test } from 'vitest'
import { InvocationRecord } from './invocation-record.ts'
import { type AgentInvocationState, agentInvocationMoves, type EntryState } from './invocation-state.ts'

const states = Object.keys(agentInvocationMoves) as AgentInvocationState[]

/** The shortest ways to a state, from each state in which a record enters. */
const waysTo: Readonly<Record<AgentInvocationState, readonly [EntryState, ...AgentInvocationState[]]>> = {
  offered: ['offered'],
  journalled: ['journalled'],
  waiting: ['journalled', 'waiting'],
  running: ['journalled', 'running'],
  rebooting: ['journalled', 'running', 'rebooting'],
  ended: ['ended'],
  reported: ['ended', 'reported'],
  forgotten: ['ended', 'reported', 'forgotten'],
}

function makeRecord(state: AgentInvocationState): InvocationRecord {
  const [entry, ...moves] = waysTo[state]
  const record = new InvocationRecord('inv-1', entry)
  for (const to of moves) record.move(to)
  return record
}

test('a record moves along the table; any other move is an error that names it, and changes nothing', () => {
  for (const from of states)
    for (const to of states) {
      const record = makeRecord(from)
      const allowed: readonly AgentInvocationState[] = agentInvocationMoves[from]
      if (allowed.includes(to)) record.move(to)
      else expect(() => record.move(to)).toThrow(`invocation inv-1: there is no move from ${from} to ${to}`)
      expect(record.state).toBe(allowed.includes(to) ? to : from)
    }
})

test('what is journalled once is never offered, journalled or run a second time', () => {
  const reach = (from: AgentInvocationState, seen = new Set<AgentInvocationState>()) => {
    for (const to of agentInvocationMoves[from]) if (!seen.has(to)) reach(to, seen.add(to))
    return seen
  }
  for (const state of states) {
    // A reboot that failed leads back; the plan never returns a script that has begun.
    if (state !== 'running' && state !== 'rebooting') expect(reach(state)).not.toContain(state)
    if (state === 'offered' || state === 'journalled' || state === 'waiting') continue
    for (const earlier of ['offered', 'journalled', 'waiting'] as const) expect(reach(state)).not.toContain(earlier)
  }
  for (const state of ['ended', 'reported', 'forgotten'] as const) expect(reach(state)).not.toContain('running')
})

test('every state leads to being forgotten, and only through the journal does a script run', () => {
  for (const state of states) if (state !== 'forgotten') expect(agentInvocationMoves[state].length).toBeGreaterThan(0)
  const before = states.filter((state) => (agentInvocationMoves[state] as readonly string[]).includes('running'))
  expect(before).toEqual(['journalled', 'waiting', 'rebooting'])
  expect(states.filter((state) => (agentInvocationMoves[state] as readonly string[]).includes('rebooting'))).toEqual([
    'running',
  ])
})

test('a server is informed of what is journalled or ended, not of what is offered or forgotten', () => {
  expect(makeRecord('offered').open).toBeUndefined()
  expect(makeRecord('ended').open).toEqual({ id: 'inv-1', state: 'ended' })
  expect(makeRecord('reported').open).toEqual({ id: 'inv-1', state: 'ended' })
  expect(makeRecord('forgotten').open).toBeUndefined()
})
