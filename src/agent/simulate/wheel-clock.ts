import { type Clock, type Timer, waitOn } from '../../lib/clock.ts'

type Slot = Set<{ readonly callback: () => void }>

/**
 * A clock for very many timers that need little precision: all timers that are due within one tick
 * share a slot, and one timer of the underlying clock turns the wheel while any is pending. Timers
 * fire up to a tick late, never early.
 */
export function createWheelClock(clock: Clock, tickMs: number): Clock {
  const slots = new Map<number, Slot>()
  let turnedTo = 0
  let turning: Timer | undefined

  const turn = () => {
    turning = undefined
    const until = Math.floor(clock.monotonicMs() / tickMs)
    for (; turnedTo < until && slots.size > 0; turnedTo++) fire(turnedTo + 1)
    turnedTo = until
    start()
  }
  const fire = (number: number) => {
    const slot = slots.get(number)
    if (slot === undefined) return
    slots.delete(number)
    for (const { callback } of slot) callback()
  }
  const start = () => {
    if (slots.size === 0) return
    turning ??= clock.setTimeout(turn, tickMs - (clock.monotonicMs() % tickMs))
  }

  const wheel: Clock = {
    now: () => clock.now(),
    monotonicMs: () => clock.monotonicMs(),
    setTimeout(callback, delayMs) {
      if (turning === undefined && slots.size === 0) turnedTo = Math.floor(clock.monotonicMs() / tickMs)
      const number = Math.max(turnedTo + 1, Math.ceil((clock.monotonicMs() + Math.max(0, delayMs)) / tickMs))
      const slot: Slot = slots.get(number) ?? new Set()
      if (slot.size === 0) slots.set(number, slot)
      const entry = { callback }
      slot.add(entry)
      start()
      return {
        cancel() {
          slot.delete(entry)
          if (slot.size === 0 && slots.get(number) === slot) slots.delete(number)
        },
      }
    },
    wait: (delayMs, signal) => waitOn(wheel, delayMs, signal),
  }
  return wheel
}
