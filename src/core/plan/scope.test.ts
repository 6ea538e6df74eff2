import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { makeFacts } from '../../../test/make-instance.ts'
import type { Scope } from '../extension/extension.ts'
import { renderEnglishReason } from '../reason/english-reasons.ts'
import { matchScope, matchScopeWildcard, validateScope } from './scope.ts'

const debian = (version: string) => makeFacts({ os: { id: 'debian', version } })
const family = (instanceFamily: string) => makeFacts({ cloud: { instanceFamily } })

describe('matchScope allows', () => {
  test.each<[string, Scope, ReturnType<typeof makeFacts>]>([
    ['everything without restrictions', {}, makeFacts()],
    ['everything where lists are empty', { instanceFamilies: [], imageTypes: [], platforms: [] }, makeFacts()],
    ['a family by name', { instanceFamilies: ['ecs.c7', 'ecs.g7'] }, family('ecs.g7')],
    ['a family by pattern', { instanceFamilies: ['m5*'] }, family('m5ad')],
    ['an image type', { imageTypes: ['system', 'self'] }, makeFacts({ cloud: { imageType: 'self' } })],
    ['a platform in any version', { platforms: [{ id: 'debian' }] }, debian('')],
    ['a platform in a range', { platforms: [{ id: 'debian', versions: '>=11' }] }, debian('12')],
    [
      'one of two ranges',
      {
        platforms: [
          { id: 'debian', versions: '<9' },
          { id: 'debian', versions: '>=11' },
        ],
      },
      debian('12'),
    ],
    [
      'those like a distribution',
      { platforms: [{ id: 'debian' }, { id: 'like:rhel', versions: '>=8' }] },
      makeFacts({ os: { id: 'rocky', idLike: ['rhel', 'centos', 'fedora'], version: '9.4' } }),
    ],
    ['the distribution of like: itself', { platforms: [{ id: 'like:suse*' }] }, makeFacts({ os: { id: 'sles' } })],
    ['a platform by pattern, in any case', { platforms: [{ id: 'DEB*' }] }, debian('12')],
  ])('%s', (_, scope, facts) => {
    expect(matchScope(scope, facts)).toEqual({ allowed: true })
  })
})

describe('matchScope refuses, with every reason', () => {
  test.each<[Scope, ReturnType<typeof makeFacts>, string[]]>([
    [{ platforms: [{ id: 'debian', versions: '>=11' }] }, debian('10'), ['debian 10 is below >=11']],
    [{ platforms: [{ id: 'ubuntu' }, { id: 'centos' }] }, debian('10'), ['debian 10 is not ubuntu or centos']],
    [{ platforms: [{ id: 'like:rhel' }] }, debian('12'), ['debian 12 is not like:rhel']],
    [
      { platforms: [{ id: 'like:rhel', versions: '>=8' }] },
      makeFacts({ os: { id: 'ol', idLike: [], version: '7.9' } }),
      ['ol 7.9 is below >=8'],
    ],
    [
      { platforms: [{ id: 'ubuntu' }] },
      makeFacts({ os: { id: '', version: '' } }),
      ['an unknown platform is not ubuntu'],
    ],
    [
      {
        platforms: [
          { id: 'debian', versions: '<9' },
          { id: 'debian', versions: '11' },
        ],
      },
      debian('10'),
      ['debian 10 is above <9', 'debian 10 is not 11'],
    ],
    [
      { platforms: [{ id: 'debian', versions: '>=11' }] },
      debian(''),
      ['debian has no version (a rolling release?) to compare with >=11'],
    ],
    [{ instanceFamilies: ['ecs.g7', 'm5*'] }, family('ecs.g6'), ['instance family ecs.g6 is not ecs.g7 or m5*']],
    [
      { instanceFamilies: ['ecs.g7'] },
      makeFacts(),
      ['the instance family is unknown (no cloud metadata), and the scope requires ecs.g7'],
    ],
    [
      { imageTypes: ['self'] },
      makeFacts({ cloud: { imageType: '' } }),
      ['the image type is unknown (no cloud metadata), and the scope requires self'],
    ],
    [
      { instanceFamilies: ['a'], imageTypes: ['b'], platforms: [{ id: 'c' }] },
      makeFacts({ cloud: {} }),
      ['instance family ecs.g7 is not a', 'image type system is not b', 'debian 12 is not c'],
    ],
    [
      { instanceFamilies: Array.from({ length: 20 }, (_, index) => `f${index}`) },
      family('x'),
      ['instance family x is not f0, f1, f2, f3, f4, f5, f6, f7 or 12 more'],
    ],
  ])('%j', (scope, facts, reasons) => {
    const match = matchScope(scope, facts)
    expect(match.allowed ? [] : match.reason.map((message) => renderEnglishReason([message]))).toEqual(reasons)
  })
})

test('a reason is codes with the facts and what the scope requires', () => {
  expect(matchScope({ platforms: [{ id: 'debian', versions: '>=11' }] }, debian('10'))).toEqual({
    allowed: false,
    reason: [{ code: 'VersionBelow', arguments: { platform: 'debian', version: '10', range: '>=11' } }],
  })
  expect(matchScope({ instanceFamilies: ['a'] }, family('b'))).toEqual({
    allowed: false,
    reason: [{ code: 'FamilyNotInScope', arguments: { family: 'b', allowed: ['a'], more: 0 } }],
  })
})

test('validateScope gives the path of an invalid range', () => {
  expect(validateScope({ platforms: [{ id: 'debian' }, { id: 'ubuntu', versions: '>=' }] })).toEqual([
    { path: ['platforms', 1, 'versions'], message: expect.stringContaining('the version range ">=" contains ">="') },
  ])
  expect(validateScope({ platforms: [{ id: 'like:' }] })).toEqual([
    { path: ['platforms', 0, 'id'], message: 'like: needs the ID of a distribution, such as like:rhel' },
  ])
  expect(validateScope({})).toEqual([])
})

test('a pattern is equivalent to the regular expression with .* for *', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 8 })
  const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*'), maxLength: 6 })
  fc.assert(
    fc.property(pattern, letters, (text, subject) => {
      const expression = new RegExp(`^${text.replaceAll('.', '\\.').replaceAll('*', '.*')}$`)
      expect(matchScopeWildcard(text, subject)).toBe(expression.test(subject))
    }),
    { numRuns: 3_000 },
  )
})
