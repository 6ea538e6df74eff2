/** Virtual time: what is planned happens in order of its time, and of planning where times are equal. */
export interface Timeline {
  readonly now: () => number
  /** Plans an action; a time that has passed means now. */
  at(time: number, action: () => void): void
  /** Does everything planned up to and including a time, then stands at that time. */
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
