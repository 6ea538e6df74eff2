import type { Clock } from '../../lib/clock.ts'

/** Slows down guessing: after so many failures of one address within a window nothing more from it is checked until the window ends. */
export interface FailedSignIns {
  /** 0 if the address may try. */
  waitMs(source: string): number
  /** Returns what takes it back, for whoever notes before it is known. */
  note(source: string): () => void
}

const maxFailures = 20
const windowMs = 60_000
/** Some 1 MB. Beyond it the oldest are forgotten: whoever has that many addresses is not stopped by this. */
const maxSources = 10_000

export function createFailedSignIns(clock: Pick<Clock, 'monotonicMs'>): FailedSignIns {
  const windows = new Map<string, { failures: number; readonly endsAt: number }>()
  const current = (source: string) => {
    const window = windows.get(source)
    if (window && window.endsAt > clock.monotonicMs()) return window
    windows.delete(source)
    return undefined
  }
  const open = (source: string) => {
    const [oldest] = windows.keys()
    if (windows.size >= maxSources && oldest !== undefined) windows.delete(oldest)
    const window = { failures: 0, endsAt: clock.monotonicMs() + windowMs }
    windows.set(source, window)
    return window
  }
  return {
    waitMs(source) {
      const window = current(source)
      return window && window.failures >= maxFailures ? window.endsAt - clock.monotonicMs() : 0
    },
    note(source) {
      const window = current(source) ?? open(source)
      window.failures++
      return () => void window.failures--
    },
  }
}
