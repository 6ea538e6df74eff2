/** Tasks that ended in one hour or day, by how. */
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

/** One row of bars per ending that occurs at all: a legend of what never happened says nothing. */
export const listActivitySeries = (points: readonly ActivityChartPoint[]): ActivitySeries[] =>
  endings
    .map((ending) => ({ ending, data: points.map((point) => ({ x: new Date(point.at), y: point[ending] })) }))
    .filter(({ data }) => data.some(({ y }) => y > 0))

export const sumActivity = (points: readonly ActivityChartPoint[]): Readonly<Record<Ending, number>> => ({
  success: sumOf(points, 'success'),
  failed: sumOf(points, 'failed'),
  cancelled: sumOf(points, 'cancelled'),
})

/** The top of the axis: the highest stack, and something to draw when there is none. */
export const findHighest = (points: readonly ActivityChartPoint[]): number =>
  points.reduce((highest, { success, failed, cancelled }) => Math.max(highest, success + failed + cancelled), 1)

const sumOf = (points: readonly ActivityChartPoint[], ending: Ending) =>
  points.reduce((sum, point) => sum + point[ending], 0)
