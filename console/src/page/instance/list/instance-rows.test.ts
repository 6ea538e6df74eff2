import { expect, test } from 'vitest'
import type { InstanceExtensionView, InstanceHistoryView } from '../../../../../src/protocol/api/instances.ts'
import { findExtensionsHere } from '../extensions/find-extensions-here.ts'
import { listExtensionChanges } from '../extensions/list-changes.ts'
import { findOpenWork } from '../find-open-work.ts'

const row = (extension: string, change: Partial<InstanceExtensionView> = {}): InstanceExtensionView => ({
  extension,
  type: 'Application',
  description: '',
  newest: 'v10',
  fits: true,
  state: 'absent',
  ...change,
})
const has = (version: string, state: 'installed' | 'broken' = 'installed') => ({
  state,
  installed: { version, configurationId: 'c1', executionId: 'exec-1', since: '2026-01-01T00:00:00Z', parameters: {} },
})

test('available actions depend on the installed and the applicable version', () => {
  expect(listExtensionChanges(row('a'))).toEqual(['install'])
  expect(listExtensionChanges(row('a', { fits: false }))).toEqual([])
  expect(listExtensionChanges(row('a', has('v9')))).toEqual(['update', 'uninstall'])
  expect(listExtensionChanges(row('a', has('v10')))).toEqual(['uninstall'])
  expect(listExtensionChanges(row('a', has('v11')))).toEqual(['uninstall'])
  expect(listExtensionChanges(row('a', { ...has('v9'), fits: false }))).toEqual(['uninstall'])
  expect(listExtensionChanges(row('a', has('v10', 'broken')))).toEqual(['install', 'uninstall'])
})

test('extensions are filtered by name and by their state on the instance', () => {
  const rows = [row('Alpha'), row('beta', has('v1')), row('gamma', { fits: false })]
  const names = (find: string, show: 'all' | 'present' | 'fitting' | 'other') =>
    findExtensionsHere(rows, { find, show }).map(({ extension }) => extension)
  expect(names('', 'all')).toEqual(['Alpha', 'beta', 'gamma'])
  expect(names(' ALP ', 'all')).toEqual(['Alpha'])
  expect(names('', 'present')).toEqual(['beta'])
  expect(names('', 'fitting')).toEqual(['Alpha', 'beta'])
  expect(names('', 'other')).toEqual(['gamma'])
})

test('open tasks are grouped by extension: running before waiting, then the oldest', () => {
  const item = (executionId: string, status: string, extension: string) =>
    ({
      executionId,
      operation: { kind: 'extension', action: 'install', extension },
      task: { status },
    }) as InstanceHistoryView
  const work = findOpenWork([
    item('exec-4', 'Pending', 'a'),
    item('exec-3', 'Running', 'a'),
    item('exec-2', 'Pending', 'b'),
    item('exec-1', 'Pending', 'b'),
    item('exec-0', 'Success', 'c'),
  ])
  expect([...work].map(([name, { executionId }]) => [name, executionId])).toEqual([
    ['a', 'exec-3'],
    ['b', 'exec-1'],
  ])
})
