import { expect, test } from 'vitest'
import {
  type AssignmentDecision,
  type AssignmentState,
  decideAssignment,
} from '../../../src/core/assignment/decide-assignment.ts'
import type { ExecutionId, InstanceId } from '../../../src/core/id.ts'
import { type DecideAssignment, simulateAssignment } from './simulate-assignment.ts'

const seeds = 2_000

test(`the rules of assignments hold over ${seeds} seeds`, () => {
  for (let seed = 1; seed <= seeds; seed += 1) expect(simulateAssignment(seed)).toBeUndefined()
})

/** What the decision sees, changed: a bug that forgets a fact. */
const without =
  (change: (state: AssignmentState) => Partial<AssignmentState>): DecideAssignment =>
  (state, limit) =>
    decideAssignment({ ...state, ...change(state) }, limit)

/** Every drifted instance at once. */
const addRepairs = (state: AssignmentState, decision: AssignmentDecision): AssignmentDecision =>
  decision.kind === 'start'
    ? { ...decision, instanceIds: [...new Set([...decision.instanceIds, ...state.drifted])] }
    : decision

const plantedBugs: readonly (readonly [name: string, decide: DecideAssignment, seenBy: string])[] = [
  ['ignores that it is halted', without(() => ({ isHalted: false })), 'a halted assignment starts nothing'],
  ['ignores the open execution', without(() => ({ openExecution: undefined })), 'never two executions'],
  ['halts what is halted', without(() => ({ isHalted: false })), 'evaluating twice changes nothing'],
  [
    'ignores a cancelled execution',
    without(() => ({ stoppedExecution: undefined })),
    'nothing starts after an execution',
  ],
  [
    'gives each execution the whole budget',
    (state, limit) => {
      const decision = decideAssignment(state, limit)
      return decision.kind === 'start' ? { ...decision, maxErrors: state.budget } : decision
    },
    'one error budget across executions',
  ],
  [
    'never halts for failures',
    without(({ failed }) => ({ budget: failed.size })),
    'one error budget across executions',
  ],
  [
    'retries failed instances',
    (state, limit) => {
      const decision = decideAssignment({ ...state, failed: new Set() }, limit)
      return decision.kind === 'start' ? { ...decision, maxErrors: 0 } : decision
    },
    'is not tried again',
  ],
  ['repeats what it has just done', without(() => ({ recent: new Set<InstanceId>() })), 'just changed is left alone'],
  ['repairs again and again', without(() => ({ repeated: new Set<InstanceId>() })), 'just changed is left alone'],
  ['ignores the window', without(() => ({ isWindowOpen: true })), 'outside the window'],
  [
    'accepts a group of everything',
    without(({ group }) => ({ group: { ...group, known: group.size } })),
    'suddenly matches everything',
  ],
  ['takes too many at once', (state) => decideAssignment(state, 1_000), '1 to limit instances'],
  ['repairs on top of the limit', (state, limit) => addRepairs(state, decideAssignment(state, limit)), '1 to limit'],
  [
    'repairs with a budget of its own',
    (state, limit) => {
      const decision = decideAssignment(state, limit)
      const repairs = decision.kind === 'start' && decision.instanceIds.some((id) => state.drifted.includes(id))
      return repairs ? { ...decision, maxErrors: state.budget } : decision
    },
    'one error budget across executions',
  ],
  [
    'repairs outside the window',
    (state, limit) =>
      decideAssignment({ ...state, isWindowOpen: state.isWindowOpen || state.work.length === 0 }, limit),
    'outside the window',
  ],
  ['never repairs', without(() => ({ drifted: [] })), 'every drifted member is repaired'],
  [
    'leaves out the last instance',
    (state, limit) => decideAssignment({ ...state, work: state.work.slice(1) }, limit),
    'every member gets',
  ],
  [
    'starts with nothing',
    (state, limit) => {
      const decision = decideAssignment(state, limit)
      return decision.kind === 'settled' ? { kind: 'start', instanceIds: [], maxErrors: 0 } : decision
    },
    '1 to limit instances',
  ],
]

test.each(plantedBugs)('a bug is caught: %s', (_, decide, seenBy) => {
  const found = new Set<string>()
  for (let seed = 1; seed <= seeds; seed += 1) {
    const broken = simulateAssignment(seed, decide)
    if (broken?.includes(seenBy)) return
    if (broken !== undefined) found.add(broken.replace(/ \(.*/, ''))
  }
  expect.fail(`no seed shows it; seen by: ${[...found].join(', ') || 'nobody'}`)
})

test('a decision about 100,000 instances takes one pass', () => {
  const ids = Array.from({ length: 100_000 }, (_, index) => `i-${index}` as InstanceId)
  const failed = new Set(ids.slice(0, 50))
  const state: AssignmentState = {
    isHalted: false,
    openExecution: undefined,
    stoppedExecution: undefined,
    budget: 100,
    failed,
    group: { name: 'all', size: { matching: 100_000, total: 200_000 }, known: { matching: 0, total: 0 } },
    isWindowOpen: true,
    work: ids,
    drifted: ids.slice(0, 100),
    recent: new Set(ids.slice(50, 100)),
    repeated: new Set(ids.slice(50, 100)),
  }
  const started = performance.now()
  const decision = decideAssignment(state, 100_000)
  expect(performance.now() - started).toBeLessThan(1_000)
  expect(decision).toMatchObject({ kind: 'start', maxErrors: 50 })
  expect(decision.kind === 'start' && decision.instanceIds).toHaveLength(99_900)
  expect(decideAssignment({ ...state, openExecution: 'exec-1' as ExecutionId }, 100_000)).toEqual({
    kind: 'wait',
    for: 'execution',
  })
})
