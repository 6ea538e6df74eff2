import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { matchPattern, maxPatternStates, validatePattern } from './pattern.ts'

const builtIn = (pattern: string) => new RegExp(`^(?:${pattern})$`, 'u')

test.each([
  ['^[a-z0-9]+$', 'abc123', 'ABC'],
  ['[a-z]{2,3}', 'abc', 'abcd'],
  ['([a-z0-9-]+\\.)+[a-z]{2,}', 'a.example.org', 'example.'],
  ['[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}', '01234567-89ab-cdef-0123-456789abcdef', '01234567'],
  ['v?\\d+(\\.\\d+)*?', 'v1.2.3', 'v1.2.'],
  ['a|b|', '', 'ab'],
  ['\\p{L}+', 'žluť', 'a1'],
  ['.', '😀', '\n'],
  ['\\u{1F600}|\\uD83D\\uDE01|\\x41', '😁', 'B'],
  ['[^/\\]\\-]+', 'a b', 'a-b'],
  ['\\bfoo\\b.*', 'foo bar', 'foobar'],
])('%s takes %j and refuses %j', (pattern, good, bad) => {
  expect(validatePattern(pattern)).toBeUndefined()
  expect([matchPattern(pattern, good), matchPattern(pattern, bad)]).toEqual([true, false])
  expect([builtIn(pattern).test(good), builtIn(pattern).test(bad)]).toEqual([true, false])
})

test.each([
  ['(', '( without its )'],
  [')', ') without its ('],
  ['[a', '[ without its ]'],
  ['*a', 'nothing before it'],
  ['a**', 'nothing before it'],
  ['a{2', 'bare {'],
  ['a{3,2}', 'whose end is below'],
  ['a{513}', 'more than 512 are not counted'],
  ['(?=a)', 'no lookaround'],
  ['(?<=a)', 'no lookaround'],
  ['(?<name>a)', 'no names'],
  ['(a)\\1', 'has \\1, which is not possible here'],
  ['\\p{Nonsense}', 'not well-formed'],
  ['[b-a]', 'not well-formed'],
  ['^*', 'takes no letters'],
  ['(((a{100}){100}){100}){100}', `more than ${maxPatternStates} states`],
  ['((((){500}){500}){500}){500}', `more than ${maxPatternStates} states`],
])('%s is refused: %s', (pattern, reason) => {
  expect(validatePattern(pattern)).toContain(reason)
  expect(matchPattern(pattern, 'a')).toBe(false)
})

test.each(['(a|a)*b', '(a*)*b', 'a*a*a*a*a*b', '(a|aa)+b', '(.*){400}b'])(
  '%s costs no more than its length on 8 KiB of a',
  (pattern) => {
    // With backtracking the slowest of these outlives the test; a step count would only say again what the code does.
    expect(matchPattern(pattern, 'a'.repeat(8_192))).toBe(false)
  },
)

describe('properties', () => {
  const letter = fc.constantFrom('a', 'b', '1', '.', '-', 'é', '😀', '\n', ' ')
  const atom = fc.constantFrom(
    'a',
    'b',
    '1',
    '.',
    '\\.',
    '\\d',
    '\\W',
    '\\s',
    '[ab]',
    '[^a]',
    '[a-z\\d]',
    '\\b',
    '\\B',
    '^',
    '$',
    '😀',
    '[😀é]',
    '\\u0061',
    '\\p{L}',
    '',
  )
  const quantifier = fc.constantFrom('', '', '', '*', '+', '?', '{2}', '{0,2}', '{1,}', '*?', '{0}')
  const { pattern } = fc.letrec<{ pattern: string; group: string }>((tie) => ({
    pattern: fc.oneof(
      { maxDepth: 3 },
      fc.tuple(atom, quantifier).map(([a, q]) => (['', '^', '$', '\\b', '\\B'].includes(a) ? a : a + q)),
      fc.tuple(tie('pattern'), tie('pattern')).map(([a, b]) => a + b),
      fc.tuple(tie('pattern'), tie('pattern')).map(([a, b]) => `${a}|${b}`),
      fc.tuple(tie('pattern'), quantifier).map(([a, q]) => `(${a})${q}`),
      fc.tuple(tie('pattern'), quantifier).map(([a, q]) => `(?:${a})${q}`),
    ),
    group: fc.constant(''),
  }))

  test('what is accepted means what JavaScript means by it', () => {
    fc.assert(
      fc.property(
        pattern,
        fc.array(fc.string({ unit: letter, maxLength: 6 }), { minLength: 8, maxLength: 8 }),
        (text, values) => {
          expect(validatePattern(text)).toBeUndefined()
          for (const value of values)
            expect([value, matchPattern(text, value)]).toEqual([value, builtIn(text).test(value)])
        },
      ),
      { numRuns: 5_000 },
    )
  })

  test('of any text, what is accepted JavaScript accepts, too, and means the same', () => {
    const text = fc.string({ unit: fc.constantFrom(...'ab1\\^$.*+?()[]{}|-,:d=ux0'), maxLength: 10 })
    fc.assert(
      fc.property(text, fc.string({ unit: letter, maxLength: 5 }), (anything, value) => {
        if (validatePattern(anything) === undefined)
          expect(matchPattern(anything, value)).toBe(builtIn(anything).test(value))
        else expect(matchPattern(anything, value)).toBe(false)
      }),
      { numRuns: 30_000 },
    )
  })
})
