import { expect, test } from 'vitest'
import { readTargets } from './read-targets.ts'

test.each([
  [
    'ids',
    { Type: 'ResourceIds', ResourceIds: ['i-1', 'i-2', 'i-1'], RegionId: 'x' },
    { kind: 'ids', ids: ['i-1', 'i-2'] },
  ],
  ['ids without a type', { ResourceIds: ['i-1'] }, { kind: 'ids', ids: ['i-1'] }],
  [
    'fields that a console adds',
    {
      Type: 'ResourceIds',
      ResourceIds: ['i-1'],
      ResourceType: 'ALIYUN::ECS::Instance',
      Parameters: { Status: 'Running' },
    },
    { kind: 'ids', ids: ['i-1'] },
  ],
  [
    'tags',
    { Type: 'Tags', Tags: [{ Key: 'a', Value: '1' }, { Key: 'b' }, { Key: 'a', Value: '1' }] },
    { kind: 'tags', tags: { a: '1', b: '' } },
  ],
  ['a resource group', { Type: 'ResourceGroup', ResourceGroupId: 'rg-1' }, { kind: 'group', group: 'rg-1' }],
  ['all', { Type: 'All' }, { kind: 'all' }],
])('%s', (_, given, expected) => {
  expect(readTargets(given)).toEqual(expected)
})

test.each([
  ['nothing', undefined],
  ['a text', 'i-1'],
  ['no type', {}],
  ['another type', { Type: 'Everything' }],
  ['no ids', { Type: 'ResourceIds', ResourceIds: [] }],
  ['invalid ids', { Type: 'ResourceIds', ResourceIds: [1] }],
  ['no tags', { Type: 'Tags', Tags: [] }],
  [
    'one tag with two values',
    {
      Type: 'Tags',
      Tags: [
        { Key: 'a', Value: '1' },
        { Key: 'a', Value: '2' },
      ],
    },
  ],
  ['a tag with a misspelt key', { Type: 'Tags', Tags: [{ Key: 'a', Valeu: '1' }] }],
  ['all, with ids beside', { Type: 'All', ResourceIds: ['i-1'] }],
])('%s is refused', (_, given) => {
  expect(() => readTargets(given)).toThrow('The request parameter Parameters.targets is not understood')
})
