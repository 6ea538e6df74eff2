import { expect, test } from 'vitest'
import { findLine } from './script-lines.ts'

const text = 'one\ntwo\n\nfour'
test.each([
  [1, 'one'],
  [2, 'two'],
  [3, ''],
  [4, 'four'],
  [9, ''],
])('line %d is %o', (line, found) => {
  const { start, end } = findLine(text, line)
  expect(text.slice(start, end)).toBe(found)
})
