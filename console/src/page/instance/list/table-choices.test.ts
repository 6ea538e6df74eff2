import { expect, test } from 'vitest'
import { columnIds, readTableChoices } from './table-choices.ts'

test('preferences survive storage', () => {
  const first = readTableChoices(undefined)
  expect(first.columns.map(({ id }) => id)).toEqual([...columnIds])
  const chosen = {
    pageSize: 100,
    wrapLines: true,
    contentDensity: 'compact' as const,
    columns: first.columns.map(({ id }) => ({ id, visible: id === 'name' || id === 'arch' })).toReversed(),
  }
  expect(readTableChoices(JSON.stringify(chosen))).toEqual(chosen)
})

test.each([['not JSON'], ['null'], ['[1]'], ['{"pageSize":7,"columns":"all","contentDensity":1}']])(
  'invalid preferences become defaults: %s',
  (kept) => expect(readTableChoices(kept)).toEqual(readTableChoices(undefined)),
)

test('new columns come last, removed and duplicate ones are ignored, the name is always shown', () => {
  const columns = ['os', 'gone', 'os', 'name'].map((id) => ({ id, visible: false }))
  const read = readTableChoices(JSON.stringify({ columns })).columns
  expect(read.slice(0, 2)).toEqual([
    { id: 'os', visible: false },
    { id: 'name', visible: true },
  ])
  expect(read.map(({ id }) => id).toSorted()).toEqual([...columnIds].toSorted())
})
