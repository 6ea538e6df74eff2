import { describe, expect, test } from 'vitest'
import type { TaskView } from '../../../../../src/protocol/api/executions.ts'
import { countMatches, readTaskFilter, type TaskFilterState } from './task-filter.ts'
import { createTaskList } from './task-list.ts'

const makeTask = (ordinal: number, change: Partial<TaskView> = {}): TaskView => ({
  id: `task-${ordinal}`,
  ordinal,
  batch: 1,
  instanceId: `i-${ordinal}`,
  instanceName: `web-${ordinal}`,
  step: 'install',
  status: 'Pending',
  reasonCode: 'Planned',
  reason: '',
  attempt: 1,
  revision: 1,
  ...change,
})

const everything = { status: [], reason: '', batch: 0, failure: '', search: '', sort: 'ordinal' } as const
const makeFilter = (change: Partial<Parameters<typeof readTaskFilter>[0]> = {}): TaskFilterState =>
  readTaskFilter({ ...everything, ...change })
const ordinalsOf = (list: ReturnType<typeof createTaskList>) => list.rows().map(({ ordinal }) => ordinal)

describe('pages', () => {
  test('follow each other until the last', () => {
    const list = createTaskList(makeFilter())
    list.addPage([makeTask(0), makeTask(1)], false)
    expect(list.isComplete()).toBe(false)
    list.addPage([makeTask(2)], true)
    expect([ordinalsOf(list), list.isComplete()]).toEqual([[0, 1, 2], true])
  })

  test('are corrected by changes that arrived while they loaded', () => {
    const list = createTaskList(makeFilter({ status: ['Running'] }))
    list.expectPage()
    list.applyChanges([
      makeTask(0, { status: 'Success', revision: 5 }),
      makeTask(2, { status: 'Running', revision: 6 }),
    ])
    list.addPage([makeTask(0, { status: 'Running', revision: 4 }), makeTask(3, { status: 'Running' })], false)
    expect(ordinalsOf(list)).toEqual([2, 3])
  })
})

describe('changes', () => {
  test('replace older rows; older changes do not', () => {
    const list = createTaskList(makeFilter())
    list.addPage([makeTask(0), makeTask(1)], true)
    expect(list.applyChanges([makeTask(1, { status: 'Running', revision: 3 })])).toBe(true)
    expect(list.applyChanges([makeTask(1, { status: 'Pending', revision: 2 })])).toBe(false)
    expect(list.rows().map(({ status }) => status)).toEqual(['Pending', 'Running'])
  })

  test('remove rows from a filtered list and insert them at their position', () => {
    const list = createTaskList(makeFilter({ status: ['Running'] }))
    list.addPage([makeTask(1, { status: 'Running' }), makeTask(5, { status: 'Running' })], true)
    list.applyChanges([
      makeTask(1, { status: 'Success', revision: 2 }),
      makeTask(7, { status: 'Running', revision: 3 }),
      makeTask(3, { status: 'Running', revision: 4 }),
    ])
    expect(ordinalsOf(list)).toEqual([3, 5, 7])
  })

  test('beyond the loaded rows wait for their page', () => {
    const list = createTaskList(makeFilter({ status: ['Running'] }))
    list.addPage([makeTask(1, { status: 'Running' })], false)
    expect(list.applyChanges([makeTask(9, { status: 'Running', revision: 2 })])).toBe(false)
    list.addPage([makeTask(9, { status: 'Running', revision: 2 })], true)
    expect(ordinalsOf(list)).toEqual([1, 9])
  })

  test('mark another order as out of date', () => {
    const list = createTaskList(makeFilter({ sort: '-duration', status: ['Failed'] }))
    list.addPage([makeTask(4, { status: 'Failed' }), makeTask(2, { status: 'Failed' })], true)
    list.applyChanges([makeTask(2, { status: 'Pending', revision: 2 })])
    expect([ordinalsOf(list), list.isOutdated()]).toEqual([[4], false])
    list.applyChanges([makeTask(7, { status: 'Failed', revision: 3 })])
    expect([ordinalsOf(list), list.isOutdated()]).toEqual([[4], true])
  })

  test('add nothing to a failure group, and remove tasks that are no longer failed', () => {
    const list = createTaskList(makeFilter({ failure: 'key' }))
    list.addPage([makeTask(1, { status: 'Failed' }), makeTask(3, { status: 'Failed' })], true)
    list.applyChanges([makeTask(2, { status: 'Failed', revision: 2 }), makeTask(3, { status: 'Pending', revision: 2 })])
    expect(ordinalsOf(list)).toEqual([1])
  })
})

test('the number of matches is known if the counters determine it', () => {
  const lane = {
    number: 2,
    size: 10,
    pending: 1,
    running: 2,
    rebooting: 0,
    success: 3,
    failed: 4,
    cancelled: 0,
    skipped: 0,
  }
  const execution = {
    taskCount: 30,
    batches: [lane],
    counts: { Pending: 10, Running: 5, Rebooting: 0, Success: 9, Failed: 6, Cancelled: 0, Skipped: 0 },
  }
  const count = (change: Parameters<typeof makeFilter>[0]) => countMatches(makeFilter(change), execution)
  expect(count({})).toBe(30)
  expect(count({ status: ['Failed', 'Success', 'nonsense'] })).toBe(15)
  expect(count({ batch: 2 })).toBe(10)
  expect(count({ batch: 2, status: ['Failed'] })).toBe(4)
  expect(count({ batch: 9 })).toBeUndefined()
  expect(count({ search: 'web' })).toBeUndefined()
})
