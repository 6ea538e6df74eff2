import { expect, test } from 'vitest'
import {
  emptyAuditFilter,
  listAuditTokens,
  readAuditTokens,
  readLast,
  readRange,
  renderAuditQuery,
} from './audit-filter.ts'

const now = Date.parse('2026-01-08T00:00:00Z')

test('tokens and the address convert to each other', () => {
  const asked = { actor: 'ci', action: '', resource: 'extension/', source: '', accessKeyId: 'ak-1' }
  const tokens = listAuditTokens({ ...emptyAuditFilter, ...asked })
  expect(tokens).toEqual([
    { propertyKey: 'actor', operator: '=', value: 'ci' },
    { propertyKey: 'resource', operator: '^', value: 'extension/' },
    { propertyKey: 'accessKeyId', operator: '=', value: 'ak-1' },
  ])
  expect(readAuditTokens(tokens)).toEqual(asked)
})

test('of several values of a property the last applies; free text is ignored', () => {
  const tokens = [
    { propertyKey: 'actor', operator: '=', value: 'one' },
    { propertyKey: 'actor', operator: '=', value: ' two ' },
    { operator: ':', value: 'free text' },
  ]
  expect(readAuditTokens(tokens)).toEqual({ actor: 'two', action: '', resource: '', source: '', accessKeyId: '' })
})

test('relative ranges are based on the current time', () => {
  expect(readRange({ type: 'relative', amount: 7, unit: 'day' })).toEqual({ last: '7d', from: '', to: '' })
  expect(renderAuditQuery({ ...emptyAuditFilter, last: '7d' }, now)).toEqual({ from: '2026-01-01T00:00:00.000Z' })
})

test('a range is sent in UTC', () => {
  const range = readRange({
    type: 'absolute',
    startDate: '2026-01-01T08:00:00+08:00',
    endDate: '2026-01-02T00:00:00+08:00',
  })
  expect(range).toEqual({ last: '', from: '2026-01-01T00:00:00.000Z', to: '2026-01-01T16:00:00.000Z' })
  expect(renderAuditQuery({ ...emptyAuditFilter, ...range }, now)).toEqual({ from: range.from, to: range.to })
})

test.each(['7', 'd', '0d', '-1d', '7x', '7d7d', ''])('%j is not a valid period', (last) => {
  expect(readLast(last)).toBeUndefined()
  expect(renderAuditQuery({ ...emptyAuditFilter, last, from: 'cut' }, now)).toEqual({})
})
