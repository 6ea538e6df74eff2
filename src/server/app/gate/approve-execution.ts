import { chandlerError } from '../../../core/error/errors.ts'
import { type ApprovalRefusal, refuseApproval } from '../../../core/gate/decide-approval.ts'
import { getLatestGate, insertApproval } from '../../../store/execution/execution-gates.ts'
import { updateExecutionRow } from '../../../store/execution/executions.ts'
import type { Actor, AppContext } from '../context.ts'
import { changeLocked } from '../execution/change-locked.ts'

/** The decision of a user at an approval gate. */
export interface ApprovalRequest {
  /** False: the user rejects the next batch, and the gate fails. */
  readonly approves: boolean
  readonly comment: string
}

/**
 * Approves or rejects the next batch of an execution that waits at an approval gate.
 * @throws ExecutionNotFound, ExecutionNotApprovable
 */
export async function approveExecution(
  context: AppContext,
  actor: Actor,
  id: string,
  { approves, comment }: ApprovalRequest,
): Promise<void> {
  await changeLocked(
    context,
    actor,
    id,
    approves ? 'approve' : 'reject',
    async (connection, execution) => {
      const progress = await getLatestGate(connection, execution.id)
      const gate = progress && execution.rate_control.gates?.[progress.gate]
      const isCurrent = progress?.batch === execution.open_batch && execution.ended_at === null
      const user = { user: actor.name, roles: actor.roles ?? [], startedBy: execution.created_by }
      const refusal = refuseApproval(isCurrent ? gate : undefined, progress, user, approves)
      if (refusal !== undefined || !progress)
        throw chandlerError('ExecutionNotApprovable', { id, reason: refusalTexts[refusal ?? 'NoApprovalGate'] })
      await insertApproval(connection, actor.accountId, { gateId: progress.id, user: actor.name, approves, comment })
      await updateExecutionRow(connection, execution.id, {
        revision: execution.revision + 1,
        ...(comment === '' ? {} : { note: comment }),
      })
    },
    { comment },
  )
}

const refusalTexts: Readonly<Record<ApprovalRefusal, string>> = {
  NoApprovalGate: 'it does not wait for an approval',
  StartedByUser: 'you started it, and another user has to approve it',
  NotNamed: 'only the users and roles that the gate names may approve it',
  AlreadyDecided: 'you already made this decision',
}
