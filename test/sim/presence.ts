import type { deadlineAfterAbsence, isAbsence, mayJudgeSilence } from '../../src/core/execution/absence.ts'
import { isInvocationOpen } from '../../src/core/execution/invocation.ts'
import { presenceEveryMs } from '../../src/core/limits.ts'
import type { Rows } from './rows.ts'

export interface AbsenceDeciders {
  readonly deadlineAfterAbsence: typeof deadlineAfterAbsence
  readonly isAbsence: typeof isAbsence
  readonly mayJudgeSilence: typeof mayJudgeSilence
}

/** Whether a server is present, and what the database knows about it. */
export interface Presence {
  readonly isUp: () => boolean
  /** Changes whenever connections are lost. */
  readonly epoch: () => number
  readonly mayJudge: () => boolean
  leave(rows: Rows): void
  returnFromAbsence(rows: Rows): void
  /** Records the presence of a server; deadlines move by the time without any. */
  note(rows: Rows, isStarting: boolean): void
}

export function createPresence(now: () => number, absence: AbsenceDeciders): Presence {
  let isUp = true
  let epoch = 0
  let leftAt = 0
  /** Absent: recorded all the time. */
  let seenAt: number | undefined
  return {
    isUp: () => isUp,
    epoch: () => epoch,
    mayJudge: () => seenAt === undefined || absence.mayJudgeSilence(seenAt, now()),
    leave(rows) {
      isUp = false
      leftAt = now()
      seenAt ??= leftAt - (leftAt % presenceEveryMs)
      rows.emit({ kind: 'serverLeft' })
    },
    returnFromAbsence(rows) {
      isUp = true
      epoch += 1
      rows.emit({ kind: 'serverBack', gapMs: now() - leftAt })
    },
    note(rows, isStarting) {
      if (seenAt === undefined) return
      const gapMs = now() - seenAt
      seenAt = undefined
      if (!absence.isAbsence(gapMs, isStarting)) return
      for (const row of rows.invocations.values())
        if (isInvocationOpen(row.state))
          row.deadlineAt = absence.deadlineAfterAbsence(row.deadlineAt, { gapMs, now: now() })
    },
  }
}
