import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { matchPattern, maxPatternSize, validatePattern } from './pattern.ts'

const isWellFormed = (pattern: string) => {
  try {
    return Boolean(builtIn(pattern))
  } catch {
    return false
  }
}
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
  ['[\\s(?]+', '\u00a0\v(?', 'a'],
  ['[\\S\\b]+', 'a\b', '\ufeff'],
  ['\\S', '\u200b', '\u2009'],
  ['.', '\u0085', '\u2028'],
  ['\\p{Script=Greek}\\p{gc=Lu}', 'αΑ', 'αα'],
  ['\\bfoo\\b.*', 'foo bar', 'foobar'],
])('%s matches %j and does not match %j', (pattern, good, bad) => {
  expect(validatePattern(pattern)).toBeUndefined()
  expect([matchPattern(pattern, good), matchPattern(pattern, bad)]).toEqual([true, false])
  expect([builtIn(pattern).test(good), builtIn(pattern).test(bad)]).toEqual([true, false])
})

test.each([
  ['(', 'missing closing )'],
  [')', 'unexpected )'],
  ['[a', 'missing closing ]'],
  ['[]', 'has a class without characters'],
  ['[].*', 'has a class without characters'],
  ['[^].*', 'has a class without characters'],
  ['a[]b]', 'has a class without characters'],
  ['*a', 'missing argument to repetition operator'],
  ['a**', 'invalid nested repetition operator'],
  ['a{2', 'not well-formed'],
  ['a{3,2}', 'invalid repeat count'],
  ['a{1001}', 'invalid repeat count'],
  ['(?=a)', 'no lookaround'],
  ['(?<=a)', 'no lookaround'],
  ['(?<name>a)', 'no names'],
  ['(?i)a', 'only plain groups'],
  ['(a)\\1', 'invalid escape sequence: `\\1`'],
  ['\\Aa\\z', 'not well-formed'],
  ['\\p{Nonsense}', 'invalid character class range'],
  ['[b-a]', 'invalid character class range'],
  ['^*', 'not well-formed'],
  ['[ab]{0,900}[ab]{0,900}', `steps, ${maxPatternSize} are allowed`],
  ['(((a{100}){100}){100}){100}', 'invalid repeat count'],
  ['((((){500}){500}){500}){500}', 'invalid repeat count'],
])('%s is refused: %s', (pattern, reason) => {
  expect(validatePattern(pattern)).toContain(reason)
  expect(matchPattern(pattern, 'a')).toBe(false)
})

test.each(['(a|a)*b', '(a*)*b', 'a*a*a*a*a*b', '(a|aa)+b', '(.*){300}b', '(a?){450}b'])(
  '%s takes linear time on 8 KiB of a',
  (pattern) => {
    // With backtracking the slowest of these exceeds the test's timeout; a step count would only
    // repeat the implementation.
    expect(matchPattern(pattern, 'a'.repeat(8_192))).toBe(false)
  },
)

describe('properties', () => {
  const letter = fc.constantFrom(
    'a',
    'b',
    '1',
    '.',
    '-',
    'é',
    '😀',
    '\n',
    ' ',
    '\r',
    '\u2028',
    '\u00a0',
    '\v',
    '\ufeff',
    '\ud83d',
  )
  const atom = fc.constantFrom(
    'a',
    'b',
    '1',
    '.',
    '\\.',
    '\\d',
    '\\W',
    '\\s',
    '\\S',
    '[\\S1]',
    '[^\\s]',
    '[\\b]',
    '\\uD83D\\uDE00',
    '\\u{1F600}',
    '\\p{gc=Lu}',
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

  test('an accepted pattern means the same as in JavaScript', () => {
    fc.assert(
      fc.property(
        pattern,
        fc.array(fc.string({ unit: letter, maxLength: 6 }), { minLength: 8, maxLength: 8 }),
        (text, values) => {
          fc.pre(isWellFormed(text))
          expect(validatePattern(text)).toBeUndefined()
          for (const value of values)
            expect([value, matchPattern(text, value)]).toEqual([value, builtIn(text).test(value)])
        },
      ),
      { numRuns: 5_000 },
    )
  })

  test('any accepted text is accepted by JavaScript, too, and means the same', () => {
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
