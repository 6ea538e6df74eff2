import { makeReason, type Reason } from '../reason/reason.ts'
import type { Comparison, Gate, GateObservation, GateProgress } from './gate.ts'
import { renderGate } from './parse-gate.ts'

/** Whether a gate is passed, and if not, until when it may be, or why it never will. */
export type GateDecision =
  | { readonly kind: 'open' }
  /** `until` in ms since 1970. */
  | { readonly kind: 'wait'; readonly until: number; readonly reason: Reason }
  | { readonly kind: 'failed'; readonly reason: Reason }

/**
 * Decides about the gate that an execution is at.
 * @param now in ms since 1970, on the clock that set `beganAt`
 */
export function decideGate(
  gate: Gate,
  { beganAt, observation, observedAt, approvals }: Omit<GateProgress, 'batch' | 'gate' | 'outcome' | 'reason'>,
  now: number,
): GateDecision {
  if (gate.kind === 'soak') {
    const until = beganAt + gate.durationMs
    return now >= until ? { kind: 'open' } : { kind: 'wait', until, reason: makeReason('GateSoaks', { until }) }
  }
  const until = beganAt + gate.timeoutMs
  const text = renderGate(gate)
  if (gate.kind === 'approval') {
    const { approved, rejectedBy } = countApprovals(approvals)
    if (rejectedBy !== undefined) return { kind: 'failed', reason: makeReason('GateRejected', { user: rejectedBy }) }
    if (approved >= gate.count) return { kind: 'open' }
    const { count, users, roles } = gate
    const counts = { approved, count, users, ...(roles && { roles }) }
    return now >= until
      ? { kind: 'failed', reason: makeReason('GateNotApproved', counts) }
      : { kind: 'wait', until, reason: makeReason('GateNeedsApproval', { ...counts, until }) }
  }
  if (observation?.holds) return { kind: 'open' }
  const seen = observation ? explainObservation(observation) : []
  if (now >= until && observedAt !== undefined && observedAt >= until)
    return { kind: 'failed', reason: [...makeReason('GateTimedOut', { gate: text }), ...seen] }
  const reason = [...makeReason('GateChecked', { gate: text, until }), ...seen]
  // After the limit, the last check wakes the execution.
  return { kind: 'wait', until: now < until ? until : now + lastCheckMs, reason }
}

/** A check after the limit takes at most about this long; it wakes the execution itself. */
const lastCheckMs = 10_000

/** The last decision of each user counts; a user approves once. */
function countApprovals(approvals: GateProgress['approvals']) {
  const byUser = new Map(approvals.map((approval) => [approval.user, approval]))
  const rejected = [...byUser.values()].find(({ approves }) => !approves)
  return { approved: byUser.size - (rejected ? 1 : 0), rejectedBy: rejected?.user }
}

function explainObservation(observation: Extract<GateObservation, { holds: false }>): Reason {
  if ('value' in observation) return makeReason('GateValue', { value: observation.value })
  if ('status' in observation) return makeReason('GateStatus', { status: observation.status })
  return makeReason('GateUnanswered', { fault: observation.fault })
}

/** Whether a value satisfies a threshold; NaN satisfies none. */
export function satisfies(value: number, comparison: Comparison, threshold: number): boolean {
  switch (comparison) {
    case '<':
      return value < threshold
    case '<=':
      return value <= threshold
    case '>':
      return value > threshold
    case '>=':
      return value >= threshold
    case '==':
      return value === threshold
    case '!=':
      return !Number.isNaN(value) && value !== threshold
  }
}
