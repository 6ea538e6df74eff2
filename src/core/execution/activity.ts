/**
 * The number of ended tasks by status within one hour or day (UTC). Instants are milliseconds since
 * 1970.
 */
export interface ActivityPoint {
  /** The start of the hour or day. */
  readonly at: number
  readonly success: number
  readonly failed: number
  readonly cancelled: number
}

interface ActivityCount {
  readonly at: number
  readonly status: 'Success' | 'Failed' | 'Cancelled'
  readonly count: number
}

const unitMs = { hour: 3_600_000, day: 86_400_000 } as const

/**
 * Returns a point for every hour or day in the range, in order, also for those without ended tasks,
 * so that a chart has no gaps.
 */
export function fillActivity(
  counts: readonly ActivityCount[],
  { from, to, unit }: { readonly from: number; readonly to: number; readonly unit: keyof typeof unitMs },
): ActivityPoint[] {
  const stepMs = unitMs[unit]
  const found = Map.groupBy(counts, ({ at }) => at)
  const first = Math.floor(from / stepMs)
  const last = Math.floor(to / stepMs)
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => {
    const at = (first + index) * stepMs
    const of = (status: ActivityCount['status']) =>
      (found.get(at) ?? []).filter((row) => row.status === status).reduce((sum, { count }) => sum + count, 0)
    return { at, success: of('Success'), failed: of('Failed'), cancelled: of('Cancelled') }
  })
}
