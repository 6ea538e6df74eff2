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
  const reach = (from: AgentInvocationState): readonly AgentInvocationState[] => [
    ...new Set(agentInvocationMoves[from].flatMap((to) => [to, ...reach(to)])),
  ]
  for (const state of states) expect(reach(state)).not.toContain(state)
  for (const state of ['running', 'ended', 'reported', 'forgotten'] as const)
    for (const earlier of ['offered', 'journalled', 'waiting', 'running'] as const)
      expect(reach(state)).not.toContain(earlier)
})

test('every state leads to being forgotten, and only through the journal does a script run', () => {
  for (const state of states) if (state !== 'forgotten') expect(agentInvocationMoves[state].length).toBeGreaterThan(0)
  const before = states.filter((state) => (agentInvocationMoves[state] as readonly string[]).includes('running'))
  expect(before).toEqual(['journalled', 'waiting'])
})

test('a server hears of what is journalled or ended, not of what is offered or forgotten', () => {
  expect(makeRecord('offered').open).toBeUndefined()
  expect(makeRecord('ended').open).toEqual({ id: 'inv-1', state: 'ended' })
  expect(makeRecord('reported').open).toEqual({ id: 'inv-1', state: 'ended' })
  expect(makeRecord('forgotten').open).toBeUndefined()
})
