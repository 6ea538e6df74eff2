import { absenceMs, reconnectGraceMs } from '../limits.ts'

/**
 * The deadline of an open invocation after a time in which no server was there, or in which the clock of the database was set: that time
 * does not count, and agents are heard before anything is given up.
 */
export const deadlineAfterAbsence = (
  deadlineAt: number,
  { gapMs, now }: { readonly gapMs: number; readonly now: number },
) => Math.max(deadlineAt + gapMs, now + reconnectGraceMs)

/** Whether the time since a server was last there is an absence (a clock that was set back is one too). */
export const isAbsence = (gapMs: number, isStarting: boolean) =>
  Math.abs(gapMs) > (isStarting ? absenceMs / 2 : absenceMs)

/** Whether silence may be judged now: a server has been there all the time. */
export const mayJudgeSilence = (seenAt: number, now: number) => Math.abs(now - seenAt) <= absenceMs
