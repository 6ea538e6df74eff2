/**
 * Virtual time: actions run in order of their time, and in order of planning where times are equal.
 */
export interface Timeline {
  readonly now: () => number
  /** Schedules an action; a time in the past means now. */
  at(time: number, action: () => void): void
  /** Runs all actions up to and including a time, then stays at that time. */
  runUntil(time: number): void
  /** Time of the next action. */
  next(): number | undefined
}

export function createTimeline(startAt = 0): Timeline {
  const planned: { readonly time: number; readonly action: () => void }[] = []
  let now = startAt
  return {
    now: () => now,
    at(time, action) {
      const due = Math.max(now, time)
      let low = 0
      let high = planned.length
      while (low < high) {
        const middle = (low + high) >>> 1
        if ((planned[middle]?.time ?? 0) <= due) low = middle + 1
        else high = middle
      }
      planned.splice(low, 0, { time: due, action })
    },
    runUntil(time) {
      for (let next = planned[0]; next !== undefined && next.time <= time; next = planned[0]) {
        planned.shift()
        now = next.time
        next.action()
      }
      now = Math.max(now, time)
    },
    next: () => planned[0]?.time,
  }
}
