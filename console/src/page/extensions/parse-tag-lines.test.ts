import { expect, test } from 'vitest'
import { parseTagLines } from './parse-tag-lines.ts'

test.each([
  ['', { tags: {} }],
  ['a=1\n\n b = 2 \nc=', { tags: { a: '1', b: '2', c: '' } }],
  ['url=http://x?y=z', { tags: { url: 'http://x?y=z' } }],
  ['a=1\nnothing', { line: 'nothing' }],
  ['=value', { line: '=value' }],
])('%j', (text, parsed) => {
  expect(parseTagLines(text)).toEqual(parsed)
})
