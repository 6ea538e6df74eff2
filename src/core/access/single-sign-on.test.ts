import { expect, test } from 'vitest'
import { findRolesOfGroups, readGroupsClaim } from './single-sign-on.ts'

const mapping = [
  { group: 'ops', role: 'operators' },
  { group: 'team a', role: 'team-a' },
  { group: 'leads', role: 'team-a' },
]

test('groups give their roles, each once; others give nothing', () => {
  expect(findRolesOfGroups(mapping, ['leads', 'team a', 'ops', 'sales'])).toEqual(['operators', 'team-a'])
  expect(findRolesOfGroups(mapping, [])).toEqual([])
  expect(findRolesOfGroups(mapping, ['operators', 'OPS'])).toEqual([])
})

test.each([
  [
    ['a', 'b'],
    ['a', 'b'],
  ],
  ['a', ['a']],
  [undefined, []],
  [{ a: 'b' }, []],
  [['a', 5, null, ''], ['a']],
])('the claim %j has the groups %j', (claim, groups) => {
  expect(readGroupsClaim(claim)).toEqual(groups)
})
