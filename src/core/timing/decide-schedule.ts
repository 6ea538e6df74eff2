/** What follows when a start was missed: no server ran, or the schedule was due long ago. */
export const missedPolicies = ['skip', 'run'] as const
export type MissedPolicy = (typeof missedPolicies)[number]

/** What follows when the execution that the schedule started before has not ended. */
export const overlapPolicies = ['skip', 'wait', 'start'] as const
export type OverlapPolicy = (typeof overlapPolicies)[number]

export interface DueSchedule {
  /** When it was due, in ms since 1970. */
  readonly dueAt: number
  readonly onMissed: MissedPolicy
  readonly onOverlap: OverlapPolicy
  /** It was due while its last execution ran, and waits for the end. */
  readonly isWaiting: boolean
  /** Its last execution has not ended. */
  readonly isRunning: boolean
}

/**
 * What a due schedule does. `nextAt`: when it is due again; null: never. `wait`: it stays due.
 */
export type ScheduleDecision =
  | { readonly kind: 'start'; readonly nextAt: number | null }
  | { readonly kind: 'skip'; readonly outcome: 'missed' | 'overlap'; readonly nextAt: number | null }
  | { readonly kind: 'wait' }

/** A start that is late by less is on time: servers restart, and databases fail over. */
const graceMs = 5 * 60_000

/**
 * Decides about a schedule that is due. Of several missed starts at most one is made up for.
 * @param now in ms since 1970
 * @param nextAfter the first time of its expression after an instant
 */
export function decideSchedule(
  { dueAt, onMissed, onOverlap, isWaiting, isRunning }: DueSchedule,
  now: number,
  nextAfter: (afterMs: number) => number | undefined,
): ScheduleDecision {
  const nextAt = nextAfter(now) ?? null
  if (!isWaiting && now - dueAt > graceMs && onMissed === 'skip') return { kind: 'skip', outcome: 'missed', nextAt }
  if (isRunning && onOverlap === 'wait') return { kind: 'wait' }
  if (isRunning && onOverlap === 'skip') return { kind: 'skip', outcome: 'overlap', nextAt }
  return { kind: 'start', nextAt }
}
