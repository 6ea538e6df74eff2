import { expect, test } from 'vitest'
import { readUrlState, writeUrlState } from '../../../url/use-url-state.ts'
import { instancesSchema, readSort, renderSort, turnPage } from './instances-state.ts'

test('the state survives the address, which omits defaults', () => {
  const state = {
    filter: 'os=debian',
    q: 'web',
    sort: '-lastSeen',
    page: 3,
    at: 'token',
    selected: ['i-1', 'i-2'],
  } as const
  expect(readUrlState(instancesSchema, writeUrlState(instancesSchema, '', state))).toMatchObject(state)
  expect(writeUrlState(instancesSchema, '', readUrlState(instancesSchema, 'sort=colour&page=x'))).toBe('')
})

test('every sort has a column and a direction', () => {
  expect(readSort('-enrolled')).toEqual({ column: 'enrolled', isDescending: true })
  expect(renderSort('enrolled', true)).toBe('-enrolled')
  expect(renderSort('colour', false)).toBe('name')
})

test('paging uses the tokens of the server; the first page has none', () => {
  const tokens = { previousToken: 'before', nextToken: 'after' }
  expect(turnPage({ page: 3 }, tokens, 1)).toEqual({ page: 4, at: 'after' })
  expect(turnPage({ page: 3 }, tokens, -1)).toEqual({ page: 2, at: 'before' })
  expect(turnPage({ page: 2 }, tokens, -1)).toEqual({ page: 1, at: '' })
  expect(turnPage({ page: 2 }, {}, 1)).toBeUndefined()
})
