import fc from 'fast-check'
import { expect, test } from 'vitest'
import { matchWildcard } from './match-wildcard.ts'

/** The definition as a short, exponential algorithm. */
function matchByDefinition([head, ...tail]: readonly string[], text: readonly string[]): boolean {
  if (head === undefined) return text.length === 0
  if (head === '*')
    return matchByDefinition(tail, text) || (text.length > 0 && matchByDefinition([head, ...tail], text.slice(1)))
  return text.length > 0 && (head === '?' || head === text[0]) && matchByDefinition(tail, text.slice(1))
}

const few = (letters: string, maxLength: number) => fc.string({ unit: fc.constantFrom(...letters), maxLength })

test('agrees with its definition', () => {
  fc.assert(
    fc.property(few('ab*?', 8), few('ab*', 10), (pattern, text) => {
      expect(matchWildcard(pattern, text)).toBe(matchByDefinition([...pattern], [...text]))
    }),
    { numRuns: 2_000 },
  )
})

test.each([
  ['*', '', true],
  ['', '', true],
  ['', 'a', false],
  ['oos:Get*', 'oos:GetTemplate', true],
  ['oos:Get*', 'oos:ListTemplates', false],
  ['acs:oos:*:*:template/web-?', 'acs:oos:default:default:template/web-1', true],
  ['acs:oos:*:*:template/web-?', 'acs:oos:default:default:template/web-10', false],
  ['a.c', 'abc', false],
  ['[ab]', 'a', false],
])('%s and %s: %s', (pattern, text, expected) => {
  expect(matchWildcard(pattern, text)).toBe(expected)
})

test('a pattern that would block a backtracking matcher is matched quickly', () => {
  expect(matchWildcard(`${'*a'.repeat(2_000)}*b`, 'a'.repeat(6_000))).toBe(false)
})
