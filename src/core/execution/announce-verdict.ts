import type { PlanReasonCode, PlanSummary } from '../plan/plan.ts'
import { findVerdict, type TaskCount, type Verdict } from './task-counts.ts'

/**
 * The verdict of a plan if every planned change succeeds. Skipped targets are known before the
 * start, so that a resulting Failed can be announced then.
 */
export function announceVerdict({ reasonCodes }: PlanSummary, strict: boolean): Verdict {
  const counts = Object.entries(reasonCodes).map(([code, count]): TaskCount => {
    const reasonCode = code as PlanReasonCode
    return { batch: 0, count, ...endOf(reasonCode) }
  })
  return findVerdict(counts, { cancelRequested: false, strict, acceptedFailures: 0 })
}

function endOf(reasonCode: PlanReasonCode): Pick<TaskCount, 'status' | 'reasonCode'> {
  switch (reasonCode) {
    case 'Planned':
      return { status: 'Success', reasonCode: 'Succeeded' }
    case 'AlreadyAsWanted':
      return { status: 'Success', reasonCode }
    case 'NotInScope':
    case 'NoConfiguration':
    case 'NotInstalled':
    case 'Offline':
    case 'ParametersUnfit':
    case 'ChangedSince':
    case 'Quarantined':
    case 'UserNotPermitted':
      return { status: 'Skipped', reasonCode }
  }
}
