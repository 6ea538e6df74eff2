import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type FilterToken,
  filterOperators,
  filterTextProperties,
  parseInstanceFilter,
  renderInstanceFilter,
  versionComparisons,
} from './instance-filter.ts'

test.each<[string, FilterToken[]]>([
  ['', []],
  ['os=debian', [{ property: 'os', operator: '=', value: 'debian' }]],
  [
    'name~web,status!=online',
    [
      { property: 'name', operator: '~', value: 'web' },
      { property: 'status', operator: '!=', value: 'online' },
    ],
  ],
  ['tag:env!=prod', [{ property: 'tag', key: 'env', operator: '!=', value: 'prod' }]],
  ['tag:a\\=b=c=d', [{ property: 'tag', key: 'a=b', operator: '=', value: 'c=d' }]],
  ['group=a\\,b', [{ property: 'group', operator: '=', value: 'a,b' }]],
  ['region=', [{ property: 'region', operator: '=', value: '' }]],
  ['extension=demo@v2', [{ property: 'extension', operator: '=', extension: 'demo', version: 2 }]],
  ['extension=demo@<v3', [{ property: 'extension', operator: '=', extension: 'demo', version: 3, comparison: '<' }]],
  ['broken!=demo@>=2', [{ property: 'broken', operator: '!=', extension: 'demo', version: 2, comparison: '>=' }]],
  ['extension!=demo', [{ property: 'extension', operator: '!=', extension: 'demo' }]],
  ['broken=*', [{ property: 'broken', operator: '=' }]],
  [', os=a ,', [{ property: 'os', operator: '=', value: 'a ' }]],
])('%s', (text, tokens) => {
  expect(parseInstanceFilter(text)).toEqual({ tokens })
})

test.each([
  ['os', '"os" says nothing; write PROPERTY=VALUE, with !=, ~ or !~'],
  ['colour=red', /^"colour" is not one of status, name, /],
  ['status=asleep', 'a status is online or offline'],
  ['status~on', 'status takes = and !=, not ~'],
  ['tag:=x', 'the tag key is missing; use tag:KEY=VALUE'],
  ['extension=', 'extension names an extension, or * for any'],
  ['extension=demo@latest', '"demo@latest" is not NAME, NAME@vN or NAME@<vN'],
  ['extension=demo@=v1', '"demo@=v1" is not NAME, NAME@vN or NAME@<vN'],
  ['extension=demo@<', '"demo@<" is not NAME, NAME@vN or NAME@<vN'],
  ['name=web-*', String.raw`"*" is no wildcard: name~TEXT matches a part of the value, and \* the character itself`],
  ['id~i-*', /^"\*" is no wildcard: id~TEXT/],
  ['broken=*@v1', '"*@v1" is not NAME, NAME@vN or NAME@<vN'],
  [`os=${'x'.repeat(129)}`, 'the value for os has more than 128 letters'],
  [Array.from({ length: 33 }, () => 'os=a').join(','), 'it has more than 32 conditions'],
])('refused: %s', (text, problem) => {
  const result = parseInstanceFilter(text)
  expect('problem' in result && result.problem).toEqual(
    typeof problem === 'string' ? problem : expect.stringMatching(problem),
  )
})

const value = fc.string({ maxLength: 20 })
const operator = fc.constantFrom(...filterOperators)
const token: fc.Arbitrary<FilterToken> = fc.oneof(
  fc.record({ property: fc.constantFrom(...filterTextProperties), operator, value }),
  fc.record({
    property: fc.constant('tag' as const),
    key: fc.string({ minLength: 1, maxLength: 20 }).filter((key) => key.trim() === key),
    operator,
    value,
  }),
  fc.record({
    property: fc.constantFrom('extension' as const, 'broken' as const),
    operator: fc.constantFrom('=' as const, '!=' as const),
    extension: fc.stringMatching(/^[a-z0-9-]{1,20}$/),
    version: fc.integer({ min: 1, max: 999 }),
  }),
  fc.record({
    property: fc.constant('extension' as const),
    operator: fc.constant('=' as const),
    extension: fc.constant('demo'),
    version: fc.integer({ min: 1, max: 999 }),
    comparison: fc.constantFrom(...versionComparisons),
  }),
)

test('a rendered filter is parsed to the same conditions', () => {
  fc.assert(
    fc.property(fc.array(token, { maxLength: 8 }), (tokens) => {
      expect(parseInstanceFilter(renderInstanceFilter(tokens))).toEqual({ tokens })
    }),
  )
})

test('any text is parsed or refused', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const result = parseInstanceFilter(text)
      expect('tokens' in result || result.problem.length > 0).toBe(true)
    }),
  )
})
