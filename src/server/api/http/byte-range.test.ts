import { expect, test } from 'vitest'
import { parseByteRange } from './byte-range.ts'

test.each([
  [undefined, 'all'],
  ['bytes=0-', { start: 0, end: 9 }],
  ['bytes=0-0', { start: 0, end: 0 }],
  ['bytes=3-5', { start: 3, end: 5 }],
  ['bytes=9-', { start: 9, end: 9 }],
  ['bytes=3-99', { start: 3, end: 9 }],
  ['bytes=-4', { start: 6, end: 9 }],
  ['bytes=-99', { start: 0, end: 9 }],
  ['Bytes=1-2', { start: 1, end: 2 }],
  ['bytes=10-', 'outside'],
  ['bytes=999999999999999-', 'outside'],
  ['bytes=-0', 'outside'],
  ['bytes=5-3', 'all'],
  ['bytes=-', 'all'],
  ['bytes=0-1,4-5', 'all'],
  ['items=0-1', 'all'],
  ['bytes=a-b', 'all'],
  ['bytes=99999999999999999999-', 'outside'],
  ['bytes=3-99999999999999999999', { start: 3, end: 9 }],
  ['bytes=3-5, ', { start: 3, end: 5 }],
  ['bytes=3-5,50-60', { start: 3, end: 5 }],
  ['bytes=3-5,x', 'all'],
  ['', 'all'],
])('%s of ten bytes is %j', (header, expected) => {
  expect(parseByteRange(header, 10)).toEqual(expected)
})
