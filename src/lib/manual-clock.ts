import { type Clock, waitOn } from './clock.ts'

/** A clock that moves only when a test or the simulator advances it. */
export interface ManualClock extends Clock {
  /**
   * Advances time. Timers fire in order of their instants, and the promises that one triggers
   * settle before the next one fires.
   */
  advance(byMs: number): Promise<void>
  /** Instants of pending timers, earliest first. */
  dueAt(): number[]
  /**
   * Sets the wall clock forward or back, as an administrator or NTP does: no time elapses, and
   * timers are not affected.
   */
  setWallClock(byMs: number): void
}

export function createManualClock(startAt = 0): ManualClock {
  let nowAt = startAt
  let setByMs = 0
  let nextOrdinal = 0
  const timers = new Map<number, { at: number; callback: () => void }>()

  function takeDue(untilAt: number) {
    let first: { ordinal: number; at: number } | undefined
    for (const [ordinal, { at }] of timers) {
      if (at <= untilAt && (first === undefined || at < first.at)) first = { ordinal, at }
    }
    if (first === undefined) return undefined
    const timer = timers.get(first.ordinal)
    timers.delete(first.ordinal)
    return timer
  }

  const clock: ManualClock = {
    now: () => nowAt + setByMs,
    monotonicMs: () => nowAt - startAt,
    setTimeout(callback, delayMs) {
      const ordinal = nextOrdinal++
      timers.set(ordinal, { at: nowAt + Math.max(0, delayMs), callback })
      return { cancel: () => void timers.delete(ordinal) }
    },
    wait: (delayMs, signal) => waitOn(clock, delayMs, signal),
    async advance(byMs) {
      const untilAt = nowAt + byMs
      await settle()
      for (let due = takeDue(untilAt); due !== undefined; due = takeDue(untilAt)) {
        nowAt = due.at
        due.callback()
        await settle()
      }
      nowAt = untilAt
    },
    setWallClock(byMs) {
      setByMs += byMs
    },
    dueAt: () => [...timers.values()].map(({ at }) => at).sort((a, b) => a - b),
  }
  return clock
}

/** Lets all promises that need no I/O settle. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve))
