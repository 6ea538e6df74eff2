import { expect, test } from 'vitest'
import { readUrlState, writeUrlState } from '../../../url/use-url-state.ts'
import { batchPageSchema } from '../batch-state.ts'
import { readTargetForm } from './read-targets.ts'

const read = (search: string, list = '') => readTargetForm(readUrlState(batchPageSchema, search), { list })

test.each([
  ['instances=i-1,i-2,i-1', { kind: 'ids', ids: ['i-1', 'i-2'] }],
  ['by=tags&tags=env=prod,tier=', { kind: 'tags', tags: { env: 'prod', tier: '' } }],
  ['by=tags&tags=a%5C,b=x%5C=y,=unnamed', { kind: 'tags', tags: { 'a,b': 'x=y' } }],
  ['by=group&group=shop', { kind: 'group', group: 'shop' }],
  ['by=savedGroup&savedGroup=web', { kind: 'savedGroup', name: 'web' }],
  ['by=filter&filter=os%3Ddebian,name~web', { kind: 'filter', filter: 'os=debian,name~web' }],
  ['by=all&instances=i-1', { kind: 'all' }],
])('%s', (search, targets) => {
  expect(read(search)).toEqual({ targets })
})

test('a list comes from the input, not from the address', () => {
  expect(read('by=list', 'web-1\nweb-2')).toEqual({ targets: { kind: 'names', names: ['web-1', 'web-2'] } })
  expect(read('by=list')).toEqual({ problem: 'none' })
  expect(read('by=list', 'web-1\ni-aaaaaaaaaaaaaaaa')).toMatchObject({ problem: 'mixed', line: 2 })
})

test.each(['', 'by=tags', 'by=tags&tags=%3Dprod', 'by=group', 'by=filter'])('%j specifies no targets yet', (search) => {
  expect(read(search)).toEqual({ problem: 'none' })
})

test('invalid IDs are reported', () => {
  expect(read('instances=web-1')).toEqual({ problem: 'invalid', reason: expect.stringContaining('web-1') })
})

test('tag rows survive the address, including incomplete ones', () => {
  const tags = [
    { key: 'a=b', value: 'c,d\\' },
    { key: '', value: '' },
  ]
  expect(readUrlState(batchPageSchema, writeUrlState(batchPageSchema, '', { tags })).tags).toEqual(tags)
})
