import { makeReason, type Reason } from '../reason/reason.ts'
import type { PlanApproval } from '../trust/plan-approval.ts'

/** Why signatures of approvers keep an execution from starting tasks. */
export type SignatureHold =
  | { readonly kind: 'wait'; readonly reason: Reason; readonly until: number }
  | { readonly kind: 'expired'; readonly reason: Reason }

/** Undefined: tasks may start. Running tasks are not affected. */
export function awaitSignatures(
  { threshold, signed, expiresAt }: PlanApproval,
  now: number,
): SignatureHold | undefined {
  if (now >= expiresAt)
    return { kind: 'expired', reason: makeReason('NotStartedSignaturesExpired', { expired: expiresAt }) }
  if (signed >= threshold) return undefined
  return {
    kind: 'wait',
    reason: makeReason('AwaitsSignatures', { signed, threshold, until: expiresAt }),
    until: expiresAt,
  }
}
