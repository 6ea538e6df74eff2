import { absenceMs, reconnectGraceMs } from '../limits.ts'

/**
 * The deadline of an open invocation after a time without any server, or after a change of the
 * database's clock: that time does not count, and agents can report before anything is given up.
 */
export const deadlineAfterAbsence = (
  deadlineAt: number,
  { gapMs, now }: { readonly gapMs: number; readonly now: number },
) => Math.max(deadlineAt + gapMs, now + reconnectGraceMs)

/**
 * Whether the time since a server was last present is an absence (a clock that was set back counts
 * as one).
 */
export const isAbsence = (gapMs: number, isStarting: boolean) =>
  Math.abs(gapMs) > (isStarting ? absenceMs / 2 : absenceMs)

/** Whether silent agents may be judged now: a server has been present all the time. */
export const mayJudgeSilence = (seenAt: number, now: number) => Math.abs(now - seenAt) <= absenceMs
