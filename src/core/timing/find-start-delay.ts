import type { ExecutionReasonCode } from '../execution/execution.ts'
import { makeReason, type Reason } from '../reason/reason.ts'
import { isWindowOpen, type LocalTime, minutesUntilOpen, renderWindow, type Window } from './window.ts'

/** When an execution may start tasks. Times in ms since 1970. */
export interface StartTiming {
  readonly notBefore?: number | undefined
  readonly window?: { readonly window: Window; readonly local: LocalTime } | undefined
  /** A freeze of the account that is in effect and that the execution does not override. */
  readonly freeze?: { readonly name: string; readonly until: number } | undefined
}

export interface StartDelay {
  readonly reasonCode: Extract<ExecutionReasonCode, 'NotYet' | 'OutsideWindow' | 'Frozen'>
  readonly reason: Reason
  /** When to look again, in ms since 1970. */
  readonly until: number
}

const minuteMs = 60_000

/**
 * Why nothing may start now, and until when; undefined if it may. Running tasks are not affected.
 * The next opening of a window is rounded to its minute; a change of clocks before it makes the
 * execution look too early or, by at most the change, too late (the sweep of the dispatcher looks
 * sooner).
 */
export function findStartDelay({ notBefore, window, freeze }: StartTiming, now: number): StartDelay | undefined {
  if (notBefore !== undefined && now < notBefore)
    return { reasonCode: 'NotYet', reason: makeReason('StartsAt', { until: notBefore }), until: notBefore }
  if (freeze && now < freeze.until)
    return { reasonCode: 'Frozen', reason: makeReason('FrozenUntil', freeze), until: freeze.until }
  if (window && !isWindowOpen(window.window, window.local)) {
    const minutes = minutesUntilOpen(window.window, window.local)
    const until = (Math.floor(now / minuteMs) + minutes) * minuteMs
    const reason = makeReason('WindowClosed', { window: renderWindow(window.window), until })
    return { reasonCode: 'OutsideWindow', reason, until }
  }
  return undefined
}
