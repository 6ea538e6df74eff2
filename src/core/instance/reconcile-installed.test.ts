import { expect, test } from 'vitest'
import { nameDrift } from './reconcile-installed.ts'

const state = {
  status: 'installed',
  version: 1,
  configurationId: 'c1',
  parametersDigest: 'p',
  contentDigest: 'a',
} as const

test.each([
  ['nothing', {}, []],
  ['another version', { version: 2 }, ['version']],
  ['half of a change', { status: 'broken', version: 2 }, ['status', 'version']],
  ['another configuration', { configurationId: 'c2' }, ['configuration']],
  ['other parameters', { parametersDigest: 'q' }, ['parameters']],
  ['the same number with other content', { contentDigest: 'b' }, ['content']],
  ['a record from before content was recorded', { contentDigest: undefined }, []],
] as const)('drift by %s', (_, more, kinds) => {
  expect(nameDrift(state, { ...state, ...more })).toEqual(kinds)
  expect(nameDrift({ ...state, ...more }, state)).toEqual(kinds)
})

test('extensions that only one side has', () => {
  expect(nameDrift(null, state)).toEqual(['installed'])
  expect(nameDrift(state, null)).toEqual(['installed'])
})
