import { expect, test } from 'vitest'
import { parseCron } from './cron.ts'

function listTimes(expression: string, timeZone: string, after: string, count: number): string[] {
  const cron = parseCron(expression, timeZone)
  if ('problem' in cron) throw new Error(cron.problem)
  const times: string[] = []
  let at = Date.parse(after)
  while (times.length < count) {
    const next = cron.next(at)
    if (next === undefined) break
    times.push(new Date(next).toISOString().slice(0, 16))
    at = next
  }
  return times
}

test.each([
  [
    'a time that clocks skip',
    '30 2 * * *',
    'Europe/Berlin',
    '2026-03-28T12:00Z',
    ['2026-03-29T01:00', '2026-03-30T00:30'],
  ],
  [
    'a time that clocks repeat',
    '30 2 * * *',
    'Europe/Berlin',
    '2026-10-24T12:00Z',
    ['2026-10-25T00:30', '2026-10-26T01:30'],
  ],
  [
    'every hour over a repeated hour',
    '0 * * * *',
    'Europe/Berlin',
    '2026-10-24T23:30Z',
    ['2026-10-25T00:00', '2026-10-25T01:00', '2026-10-25T02:00'],
  ],
  [
    'a time zone without daylight saving',
    '0 3 * * 1',
    'Asia/Shanghai',
    '2026-11-01T00:00Z',
    ['2026-11-01T19:00', '2026-11-08T19:00'],
  ],
  ['29 February', '0 0 29 2 *', 'UTC', '2026-01-01T00:00Z', ['2028-02-29T00:00', '2032-02-29T00:00']],
  [
    'day of month or day of week, as in Vixie cron',
    '0 9 1 * 1',
    'UTC',
    '2026-10-30T00:00Z',
    ['2026-11-01T09:00', '2026-11-02T09:00'],
  ],
  ['a name', '@daily', 'UTC', '2026-10-30T00:00Z', ['2026-10-31T00:00']],
])('%s', (_, expression, timeZone, after, expected) => {
  expect(listTimes(expression, timeZone, after, expected.length)).toEqual(expected)
})

test.each(['0 0 30 2 *', '0 0 31 4,6,9,11 *'])('%s never fires', (expression) => {
  expect(listTimes(expression, 'UTC', '2026-01-01T00:00Z', 1)).toEqual([])
})

test.each(['', '* * * *', '* * * * * *', '61 * * * *', 'a b c d e', '@reboot', '@fortnightly', '*/0 * * * *'])(
  '"%s" is refused',
  (expression) => {
    expect(parseCron(expression, 'UTC')).toHaveProperty('problem')
  },
)
