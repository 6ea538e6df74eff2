import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fillActivity } from './activity.ts'

const at = (text: string) => Date.parse(text)

test('every hour of the range has a point, also if nothing ended in it', () => {
  const points = fillActivity(
    [
      { at: at('2026-01-01T01:00:00Z'), status: 'Success', count: 3 },
      { at: at('2026-01-01T01:00:00Z'), status: 'Failed', count: 1 },
      { at: at('2026-01-01T03:00:00Z'), status: 'Cancelled', count: 2 },
    ],
    { from: at('2026-01-01T00:59:00Z'), to: at('2026-01-01T03:00:00Z'), unit: 'hour' },
  )
  expect(points.map(({ at, ...counts }) => [new Date(at).getUTCHours(), ...Object.values(counts)])).toEqual([
    [0, 0, 0, 0],
    [1, 3, 1, 0],
    [2, 0, 0, 0],
    [3, 0, 0, 2],
  ])
})

test('nothing within the range is lost, and points are one unit apart', () => {
  const hour = fc.integer({ min: 0, max: 500 })
  fc.assert(
    fc.property(
      fc.array(fc.record({ hour, count: fc.nat(1000), status: fc.constantFrom('Success', 'Failed', 'Cancelled') })),
      fc.constantFrom('hour', 'day'),
      (rows, unit) => {
        const stepMs = unit === 'hour' ? 3_600_000 : 86_400_000
        const counts = rows.map(({ hour, ...row }) => ({
          ...row,
          at: Math.floor((hour * 3_600_000) / stepMs) * stepMs,
        }))
        const points = fillActivity(counts, { from: 0, to: 501 * 3_600_000, unit })
        const total = points.reduce((sum, { success, failed, cancelled }) => sum + success + failed + cancelled, 0)
        expect(total).toBe(rows.reduce((sum, { count }) => sum + count, 0))
        points.forEach((point, index) => expect(point.at).toBe(index * stepMs))
      },
    ),
  )
})
