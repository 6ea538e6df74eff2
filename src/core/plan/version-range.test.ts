import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { findCommonVersion, matchVersionRange, validateVersionRange } from './version-range.ts'

const matches = (range: string, version: string) => matchVersionRange(range, version).matches
const missesOf = (range: string, version: string) => {
  const match = matchVersionRange(range, version)
  return match.matches ? undefined : match.misses
}

describe('matchVersionRange', () => {
  test.each([
    ['22.04', '22.04'],
    ['22.04', '22.4'],
    ['=22.04', '22.04'],
    ['8', '8.0'],
    ['7.*', '7.9.2009'],
    ['7.*', '7'],
    ['7.0.*', '7'],
    ['22.04.*', '22.4.3'],
    ['>=11', '11'],
    ['>=11', '11.10'],
    ['>11.9', '11.10'],
    ['>11', '11.0.1'],
    ['>=11 <13', '12.9999999999999999999999'],
    [' >= 11   < 13 ', '12'],
    ['<=11', '11.0'],
    ['7.* || >=9', '9.1'],
    ['7.*||>=9', '7.1'],
    ['>=15-SP3 <16', '15-SP4'],
    ['>15-SP9', '15-sp10'],
    ['>15', '15-SP1'],
    ['edge', 'Edge'],
    ['3.2104.*', '3.2104.U10'],
    ['10.0.20348', '10.0.20348'],
  ])('%s matches %s', (range, version) => {
    expect(matchVersionRange(range, version)).toEqual({ matches: true })
  })

  test.each([
    ['>=11', '10', { code: 'VersionBelow', version: '10', range: '>=11' }],
    ['>=11 <13', '13', { code: 'VersionDiffers', version: '13', range: '<13' }],
    ['>=11 <13', '13.1', { code: 'VersionAbove', version: '13.1', range: '<13' }],
    ['>11', '11.0', { code: 'VersionDiffers', version: '11.0', range: '>11' }],
    ['<=11', '11.1', { code: 'VersionAbove', version: '11.1', range: '<=11' }],
    ['22.04', '22.10', { code: 'VersionDiffers', version: '22.10', range: '22.04' }],
    ['7.*', '70.1', { code: 'VersionDiffers', version: '70.1', range: '7.*' }],
    ['22.1.*', '22.10', { code: 'VersionDiffers', version: '22.10', range: '22.1.*' }],
    ['>=11', '', { code: 'VersionUnknown', range: '>=11' }],
    ['>=11', 'x/y', { code: 'VersionNotComparable', version: 'x/y' }],
    ['>=', '11', { code: 'VersionRangeInvalid', range: '>=' }],
  ])('%s does not match %s: %o', (range, version, miss) => {
    expect(missesOf(range, version)).toEqual([miss])
  })

  test('gives a miss for each alternative', () => {
    expect(missesOf('7.* || >=9', '8')).toEqual([
      { code: 'VersionDiffers', version: '8', range: '7.*' },
      { code: 'VersionBelow', version: '8', range: '>=9' },
    ])
  })
})

describe('validateVersionRange', () => {
  test.each(['22.04', '7.*', '>=11 <13', '>=11 <=11', '7.* || 9', '>1 <1.0.1', '>= 11'])('%s is a range', (range) => {
    expect(validateVersionRange(range)).toBeUndefined()
  })

  test.each([
    ['', 'is empty'],
    ['  ', 'is empty'],
    ['7.* ||', 'one side of ||'],
    ['*', '"*"'],
    ['7*', '"7*"'],
    ['>=7.*', '">=7.*"'],
    ['>=11, <13', '">=11,"'],
    ['==7', '"==7"'],
    ['=>7', '"=>7"'],
    ['~7', '"~7"'],
    ['>= eleven', 'compares with text in >=eleven'],
    ['>=11 <x', 'compares with text in <x'],
    ['!=7', '"!=7"'],
    ['>=13 <11', 'can never match: nothing is >=13 and <11'],
    ['7 8', 'can never match'],
    ['>7 <7', 'can never match'],
    ['<0', 'can never match'],
    ['8 || >=13 <11', 'nothing is >=13 and <11'],
  ])('%s %s', (range, reason) => {
    expect(validateVersionRange(range)).toContain(reason)
  })
})

describe('findCommonVersion', () => {
  test.each([
    ['>=11', '12', '12'],
    ['>=11 <13', '>=12', '12'],
    ['7.*', '>=7.5', '7.5'],
    ['22.04', '22.4', '22.4'],
    ['7.* || 9', '>=8', '9'],
    ['7.*', '7', '7'],
    ['>7', '<7.0.0.1', '7.0.0.0.1'],
    ['>7 <8', '<7.1 || 8', '7.0.1'],
  ])('%s and %s have the common version %s', (a, b, version) => {
    expect(findCommonVersion(a, b)).toBe(version)
  })

  test.each([
    ['<11', '>=11'],
    ['7.*', '8.*'],
    ['7.*', '>=8'],
    ['7.1.*', '7.10.*'],
    ['22.04', '22.10'],
    ['<=7', '>7'],
    ['7 || 9', '8 || 10'],
  ])('%s and %s have no common version', (a, b) => {
    expect(findCommonVersion(a, b)).toBeUndefined()
  })
})

// Few numbers, so that many are equal.
const version = fc
  .array(
    fc.oneof({ weight: 6, arbitrary: fc.constantFrom('0', '0', '1', '2', '02', '10') }, fc.constantFrom('a', 'u1')),
    {
      minLength: 1,
      maxLength: 3,
    },
  )
  .map((places) => places.join('.'))
const comparison = fc.oneof(
  version,
  version.map((text) => `${text}.*`),
  fc.tuple(fc.constantFrom('>', '>=', '<', '<=', '='), version).map(([operator, text]) => operator + text),
)
const range = fc
  .array(
    fc.array(comparison, { minLength: 1, maxLength: 3 }).map((all) => all.join(' ')),
    { minLength: 1, maxLength: 2 },
  )
  .map((any) => any.join(' || '))
const runs = { numRuns: 3_000 }

describe('properties', () => {
  test('versions are totally ordered: exactly one of <, =, > holds', () => {
    fc.assert(
      fc.property(version, version, (a, b) => {
        expect(['<', '=', '>'].filter((operator) => matches(operator + a, b))).toHaveLength(1)
      }),
      runs,
    )
  })

  test('the order is transitive', () => {
    fc.assert(
      fc.property(version, version, version, (a, b, c) => {
        if (matches(`<=${b}`, a) && matches(`<=${c}`, b)) expect(matches(`<=${c}`, a)).toBe(true)
      }),
      runs,
    )
  })

  test('a common version is in both ranges, and if none is found no version is in both', () => {
    fc.assert(
      fc.property(range, range, fc.array(version, { maxLength: 20 }), (a, b, candidates) => {
        const common = findCommonVersion(a, b)
        expect(findCommonVersion(b, a) === undefined).toBe(common === undefined)
        if (common !== undefined)
          expect([matchVersionRange(a, common), matchVersionRange(b, common)]).toEqual([
            { matches: true },
            { matches: true },
          ])
        else expect(candidates.filter((candidate) => matches(a, candidate) && matches(b, candidate))).toEqual([])
      }),
      runs,
    )
  })

  test('a range that is called impossible matches nothing in one of its alternatives; any other one has a member', () => {
    fc.assert(
      fc.property(range, fc.array(version, { maxLength: 20 }), (text, candidates) => {
        const impossible = text.split(' || ').some((part) => validateVersionRange(part) !== undefined)
        expect(validateVersionRange(text) !== undefined).toBe(impossible)
        if (validateVersionRange(text) === undefined) expect(findCommonVersion(text, text)).toBeDefined()
        for (const part of text.split(' || ')) {
          // A comparison with a word is refused although it could match.
          if (validateVersionRange(part)?.startsWith('can never match'))
            expect(candidates.filter((candidate) => matches(part, candidate))).toEqual([])
        }
      }),
      runs,
    )
  })

  test('any text gets a result without an exception', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        validateVersionRange(a)
        matchVersionRange(a, b)
        findCommonVersion(a, b)
      }),
    )
  })
})
