import { expect, test } from 'vitest'
import { findHighest, listActivitySeries, sumActivity } from './activity-series.ts'

const points = [
  { at: '2026-01-01T00:00:00Z', success: 3, failed: 1, cancelled: 0 },
  { at: '2026-01-01T01:00:00Z', success: 0, failed: 0, cancelled: 0 },
  { at: '2026-01-01T02:00:00Z', success: 2, failed: 4, cancelled: 0 },
]

test('one series per status that occurs, with every hour', () => {
  const series = listActivitySeries(points)
  expect(series.map(({ ending }) => ending)).toEqual(['success', 'failed'])
  expect(series.map(({ data }) => data.map(({ y }) => y))).toEqual([
    [3, 0, 2],
    [1, 0, 4],
  ])
  expect(series[0]?.data[2]?.x.toISOString()).toBe('2026-01-01T02:00:00.000Z')
})

test('sums and the highest stack', () => {
  expect(sumActivity(points)).toEqual({ success: 5, failed: 5, cancelled: 0 })
  expect(findHighest(points)).toBe(6)
})

test('without ended tasks there is no series, but an axis', () => {
  expect(listActivitySeries(points.slice(1, 2))).toEqual([])
  expect(findHighest([])).toBe(1)
})
