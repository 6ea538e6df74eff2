import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseInstant } from './parse-instant.ts'

const two = (value: number) => String(value).padStart(2, '0')

const day = fc
  .date({ min: new Date('0000-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10))
const fraction = fc.option(fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength: 9 }), {
  nil: undefined,
})
const second = fc.option(fc.tuple(fc.nat(59), fraction), { nil: undefined })
const zone = fc.oneof(
  fc.constant('Z'),
  fc
    .tuple(fc.constantFrom('+', '-'), fc.nat(14), fc.nat(59))
    .map(([sign, hours, minutes]) => `${sign}${two(hours)}:${two(minutes)}`),
)
const instant = fc.tuple(day, fc.nat(23), fc.nat(59), second, zone).map(([date, hours, minutes, seconds, offset]) => {
  const [whole, part] = seconds ?? []
  const after = whole === undefined ? '' : `:${two(whole)}${part === undefined ? '' : `.${part}`}`
  return `${date}T${two(hours)}:${two(minutes)}${after}${offset}`
})

test('agrees with Date', () => {
  fc.assert(
    fc.property(fc.oneof(day, instant), (text) => {
      expect(parseInstant(text)).toBe(Date.parse(text))
    }),
    { numRuns: 5_000 },
  )
})

test('every millisecond round-trips', () => {
  const wrong = Array.from({ length: 1_000 }, (_, ms) => ms).filter(
    (ms) => parseInstant(`1970-01-01T00:00:00.${String(ms).padStart(3, '0')}Z`) !== ms,
  )
  expect(wrong).toEqual([])
})

test.each([
  ['2024-02-29', Date.UTC(2024, 1, 29)],
  ['2000-02-29', Date.UTC(2000, 1, 29)],
  ['1969-12-31T23:59:59Z', -1_000],
  ['2026-01-31T08:30:00+08:00', Date.UTC(2026, 0, 31, 0, 30)],
  ['2026-01-01T00:00:00+14:00', Date.UTC(2025, 11, 31, 10)],
  ['2026-01-31T08:30Z', Date.UTC(2026, 0, 31, 8, 30)],
  ['1970-01-01T00:00:00.9999Z', 999],
])('%s', (text, expected) => {
  expect(parseInstant(text)).toBe(expected)
})

test.each([
  '',
  'now',
  '0',
  '1767225600000',
  '2026',
  '2026-01',
  '2026-1-31',
  '2026-00-10',
  '2026-13-01',
  '2026-01-00',
  '2026-01-32',
  '2026-04-31',
  '2026-02-29',
  '1900-02-29',
  '2024-02-30',
  '2026-01-31T24:00:00Z',
  '2026-01-31T08:60:00Z',
  '2026-01-31T08:30:60Z',
  '2026-01-31T08:30:00',
  '2026-01-31T08:30:00.Z',
  '2026-01-31T08:30:00.1234567890Z',
  '2026-01-31T08:30:00+15:00',
  '2026-01-31T08:30:00+08:60',
  '2026-01-31T08:30:00+0800',
  '2026-01-31 08:30:00Z',
  '2026-01-31t08:30:00z',
  ' 2026-01-31',
  '2026-01-31\n',
  '+002026-01-31',
  '31 Jan 2026',
])('"%s" is not an instant', (text) => {
  expect(parseInstant(text)).toBeUndefined()
})
