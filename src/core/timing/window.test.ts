import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isTimeZone, readLocalTime } from '../../lib/local-time.ts'
import { isWindowOpen, minutesUntilOpen, parseWindow, renderWindow, type Window } from './window.ts'

const read = (text: string): Window => {
  const parsed = parseWindow(text, isTimeZone)
  if ('problem' in parsed) throw new Error(parsed.problem)
  return parsed.window
}
const at = (window: Window, iso: string) => readLocalTime(window.timeZone, Date.parse(iso))

test.each([
  'Mon-Fri 01:00-05:00 Asia/Shanghai',
  'daily 22:00-04:00 UTC',
  'Mon,Wed 00:00-24:00 Europe/Berlin',
  'Sat,Sun 09:30-17:00 America/New_York',
])('%s is read and shown', (text) => expect(renderWindow(read(text))).toBe(text))

test('days may wrap around the week, and repeat', () => {
  expect(read('Fri-Mon 01:00-02:00 UTC').days).toEqual([1, 5, 6, 7])
  expect(read('mon,Mon-tue 01:00-02:00 UTC').days).toEqual([1, 2])
})

test.each([
  ['', 'not of the form'],
  ['Mon 01:00-05:00', 'not of the form'],
  ['Mon 1:00-5:00 UTC', 'not of the form'],
  ['Moon 01:00-05:00 UTC', 'days'],
  ['Mon-Tue-Wed 01:00-05:00 UTC', 'days'],
  ['Mon, 01:00-05:00 UTC', 'days'],
  ['Mon 01:60-05:00 UTC', 'between 00:00 and 24:00'],
  ['Mon 24:00-05:00 UTC', 'between 00:00 and 24:00'],
  ['Mon 05:00-05:00 UTC', 'never opens'],
  ['Mon 01:00-05:00 Mars/Base', 'time zone'],
  ['Mon 01:00-05:00 +02:00', 'time zone'],
])('%s is refused', (text, problem) => {
  expect(parseWindow(text, isTimeZone)).toEqual({ problem: expect.stringContaining(problem) })
})

describe('a window is open by the clocks of its time zone', () => {
  const shanghai = read('Mon-Fri 01:00-05:00 Asia/Shanghai')
  test.each([
    ['2026-11-29T16:59:00Z', false], // Monday 00:59
    ['2026-11-29T17:00:00Z', true], // Monday 01:00
    ['2026-11-29T20:59:59Z', true],
    ['2026-11-29T21:00:00Z', false], // Monday 05:00
    ['2026-11-27T17:30:00Z', false], // Saturday
  ])('Shanghai at %s: %s', (iso, open) => expect(isWindowOpen(shanghai, at(shanghai, iso))).toBe(open))

  const night = read('Sun 22:00-04:00 UTC')
  test.each([
    ['2026-11-29T22:00:00Z', true], // Sunday
    ['2026-11-30T03:59:00Z', true], // Monday
    ['2026-11-30T04:00:00Z', false],
    ['2026-11-29T03:00:00Z', false], // Sunday morning
  ])('a night at %s: %s', (iso, open) => expect(isWindowOpen(night, at(night, iso))).toBe(open))

  const berlin = read('Sun 02:00-03:00 Europe/Berlin')
  test('an hour that does not exist in spring does not open, and one that repeats in autumn opens twice', () => {
    const openMinutes = (from: string, hours: number) =>
      Array.from({ length: hours * 60 }, (_, minute) => Date.parse(from) + minute * 60_000).filter((ms) =>
        isWindowOpen(berlin, readLocalTime('Europe/Berlin', ms)),
      ).length
    expect(openMinutes('2026-03-28T23:00:00Z', 6)).toBe(0)
    expect(openMinutes('2026-10-24T22:00:00Z', 6)).toBe(120)
  })
})

test('every window opens within a week, exactly when announced', () => {
  const window = fc
    .record({
      days: fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
      startMinute: fc.integer({ min: 0, max: 1439 }),
      endMinute: fc.integer({ min: 0, max: 1440 }),
      timeZone: fc.constant('UTC'),
    })
    .filter(({ startMinute, endMinute }) => startMinute !== endMinute)
  const local = fc.record({ day: fc.integer({ min: 1, max: 7 }), minute: fc.integer({ min: 0, max: 1439 }) })
  const after = ({ day, minute }: { day: number; minute: number }, minutes: number) => {
    const total = (day - 1) * 1440 + minute + minutes
    return { day: (Math.floor(total / 1440) % 7) + 1, minute: total % 1440 }
  }
  fc.assert(
    fc.property(window, local, (one, now) => {
      const wait = minutesUntilOpen(one, now)
      expect(wait).toBeLessThanOrEqual(7 * 1440)
      expect(isWindowOpen(one, after(now, wait))).toBe(true)
      if (wait > 0) expect(isWindowOpen(one, after(now, wait - 1))).toBe(false)
    }),
  )
})
