import { expect, test } from 'vitest'
import { showBytes, showDuration, showInstant, showTags } from './format.ts'
import { clip, countWithNoun, printable } from './printable.ts'

test.each([
  [0, '0 s'],
  [1_240, '1.2 s'],
  [59_600, '1 min'],
  [65_000, '1 min 5 s'],
  [3_600_000, '1 h'],
  [3_725_000, '1 h 2 min'],
  [90_061_000, '1 d 1 h'],
])('%i ms is %s', (durationMs, text) => expect(showDuration(durationMs)).toBe(text))

test.each([
  [0, '0 B'],
  [512, '512 B'],
  [1536, '1.5 KiB'],
  [10 * 1024 ** 3, '10 GiB'],
])('%i bytes is %s', (bytes, text) => expect(showBytes(bytes)).toBe(text))

test('tags are sorted, instants are cut to seconds', () => {
  expect(showTags({ z: '1', a: '' })).toBe('a, z=1')
  expect(showInstant('2026-01-02T03:04:05.678Z')).toBe('2026-01-02 03:04:05 UTC')
})

test('prints words', () => {
  expect([
    countWithNoun(1, 'batch'),
    countWithNoun(2, 'batch'),
    countWithNoun(0, 'entry'),
    countWithNoun(3, 'target'),
  ]).toEqual(['1 batch', '2 batches', '0 entries', '3 targets'])
  expect(clip('abcdef', 4)).toBe('abc…')
  expect(printable(' a\u001b[31m\r\nb ')).toBe('a [31m b')
})
