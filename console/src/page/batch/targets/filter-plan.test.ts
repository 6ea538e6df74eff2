import { expect, test } from 'vitest'
import { readUrlState } from '../../../url/use-url-state.ts'
import { batchPageSchema } from '../batch-state.ts'
import { countPlan, filterPlan, type PlannedRow } from './filter-plan.ts'

const row = (instanceId: string, step: PlannedRow['step'], reason: string): PlannedRow => ({
  instanceId,
  instanceName: `web-${instanceId.slice(2)}`,
  step,
  reasonCode: 'Planned',
  reason,
})
const rows = [
  row('i-1', 'install', 'not installed: installs v2'),
  row('i-2', 'skip', 'debian 10 is below >=11'),
  row('i-3', 'skip', 'arm64 has no configuration'),
]
const ids = (step: PlannedRow['step'] | 'changes' | undefined, text: string) =>
  filterPlan(rows, { step, text }, ({ reason }) => reason).map(({ instanceId }) => instanceId)

test('filters by step, ID, name, reason, and combinations', () => {
  expect(ids(undefined, ' ')).toEqual(['i-1', 'i-2', 'i-3'])
  expect(ids('skip', '')).toEqual(['i-2', 'i-3'])
  expect(ids(undefined, 'I-1')).toEqual(['i-1'])
  expect(ids(undefined, 'Web-2')).toEqual(['i-2'])
  expect(ids('skip', 'debian')).toEqual(['i-2'])
  expect(ids('install', 'debian')).toEqual([])
  expect(ids('changes', '')).toEqual(['i-1'])
})

test('searches the reason as the reader sees it', () => {
  expect(filterPlan(rows, { step: undefined, text: '低于' }, () => '低于')).toHaveLength(3)
  expect(filterPlan(rows, { step: undefined, text: 'debian' }, () => '低于')).toEqual([])
})

test('the search of the instance table does not apply to the plan, which opens on the changes', () => {
  const state = readUrlState(batchPageSchema, 'find=web')
  expect([state.find, state.findPlanned, state.show]).toEqual(['web', '', 'changes'])
  expect(countPlan({ targetCount: 7, counts: { install: 2, none: 1, skip: 4 } }).changes).toBe(2)
})
