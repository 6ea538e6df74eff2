import type { Gate, GateProgress } from './gate.ts'

/** Why a user may not decide at the gate of an execution; undefined: the decision is accepted. */
export type ApprovalRefusal = 'NoApprovalGate' | 'StartedByUser' | 'NotNamed' | 'AlreadyDecided'

/**
 * An execution is approved by users other than the one who started it. A user may change a decision
 * as long as the gate is open.
 */
export function refuseApproval(
  gate: Gate | undefined,
  progress: GateProgress | undefined,
  { user, roles, startedBy }: { readonly user: string; readonly roles: readonly string[]; readonly startedBy: string },
  approves: boolean,
): ApprovalRefusal | undefined {
  if (gate?.kind !== 'approval' || !progress || progress.outcome !== undefined) return 'NoApprovalGate'
  if (user === startedBy) return 'StartedByUser'
  const { users, roles: gateRoles = [] } = gate
  const isNamed = users.includes(user) || gateRoles.some((role) => roles.includes(role))
  if (users.length + gateRoles.length > 0 && !isNamed) return 'NotNamed'
  const last = progress.approvals.findLast((approval) => approval.user === user)
  return last?.approves === approves ? 'AlreadyDecided' : undefined
}
