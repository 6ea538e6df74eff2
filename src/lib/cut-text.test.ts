import { assert, nat, property, string } from 'fast-check'
import { expect, test } from 'vitest'
import { cutText, cutTextFront, wholeCharacters } from './cut-text.ts'

test('text is cut between characters, in bytes and in units, at either end', () => {
  assert(
    property(string({ unit: 'binary', maxLength: 40 }), nat(90), (text, limit) => {
      const bytes = Buffer.from(text)
      const kept = wholeCharacters(bytes, limit)
      expect(kept).toBeLessThanOrEqual(Math.max(limit, 0))
      expect(kept).toBeGreaterThan(Math.min(limit, bytes.length) - 4)
      expect(text.startsWith(bytes.toString('utf8', 0, kept))).toBe(true)
      for (const cut of [cutText(text, limit), cutTextFront(text, limit)]) {
        expect(cut.isWellFormed()).toBe(true)
        expect(cut.length).toBeLessThanOrEqual(limit)
        expect(cut.length).toBeGreaterThan(Math.min(limit, text.length) - 2)
      }
      expect(text.startsWith(cutText(text, limit)) && text.endsWith(cutTextFront(text, limit))).toBe(true)
    }),
  )
})

test('invalid UTF-8 is cut exactly', () => {
  expect(wholeCharacters(Buffer.alloc(10, 0x80), 5)).toBe(5)
  expect(wholeCharacters(Buffer.from('ab'), 5)).toBe(2)
})
