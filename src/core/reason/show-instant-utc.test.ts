import fc from 'fast-check'
import { expect, test } from 'vitest'
import { showInstantUtc } from './show-instant-utc.ts'

test('an instant is shown to the minute, or to the second', () => {
  expect(showInstantUtc(0)).toBe('1970-01-01 00:00 UTC')
  expect(showInstantUtc(Date.UTC(2024, 1, 29, 23, 59, 58))).toBe('2024-02-29 23:59:58 UTC')
})

test('it agrees with the calendar of JavaScript', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: Date.UTC(2500, 0) }), (ms) => {
      const [day, time] = new Date(ms).toISOString().split(/[T.]/)
      expect(showInstantUtc(ms)).toBe(`${day} ${time?.replace(/:00$/, '')} UTC`)
    }),
  )
})
