/** Ended tasks of one hour or day, by status. */
export interface ActivityChartPoint {
  readonly at: string
  readonly success: number
  readonly failed: number
  readonly cancelled: number
}

export const endings = ['success', 'failed', 'cancelled'] as const
export type Ending = (typeof endings)[number]

export interface ActivitySeries {
  readonly ending: Ending
  readonly data: readonly { readonly x: Date; readonly y: number }[]
}

/** One series per status that occurs: an empty series would only clutter the legend. */
export const listActivitySeries = (points: readonly ActivityChartPoint[]): ActivitySeries[] =>
  endings
    .map((ending) => ({ ending, data: points.map((point) => ({ x: new Date(point.at), y: point[ending] })) }))
    .filter(({ data }) => data.some(({ y }) => y > 0))

export const sumActivity = (points: readonly ActivityChartPoint[]): Readonly<Record<Ending, number>> => ({
  success: sumOf(points, 'success'),
  failed: sumOf(points, 'failed'),
  cancelled: sumOf(points, 'cancelled'),
})

/** Maximum of the axis: the highest stack, or a default without data. */
export const findHighest = (points: readonly ActivityChartPoint[]): number =>
  points.reduce((highest, { success, failed, cancelled }) => Math.max(highest, success + failed + cancelled), 1)

const sumOf = (points: readonly ActivityChartPoint[], ending: Ending) =>
  points.reduce((sum, point) => sum + point[ending], 0)
