import { chandlerError } from '../../../core/error/errors.ts'
import type { ExecutionControl } from '../../../core/execution/execution.ts'
import type { ExecutionId } from '../../../core/id.ts'
import type { Connection } from '../../../store/database/database.ts'
import { lockExecution, type NarrowExecutionRow } from '../../../store/execution/executions.ts'
import { writeAudit } from '../access/write-audit.ts'
import type { Actor, AppContext } from '../context.ts'

type OtherChange = 'patch' | 'approve' | 'reject' | 'sign'

const auditActions: Readonly<Record<ExecutionControl | OtherChange, string>> = {
  approve: 'ApproveExecution',
  reject: 'RejectExecution',
  sign: 'SignExecution',
  patch: 'UpdateExecution',
  pause: 'PauseExecution',
  resume: 'ResumeExecution',
  cancel: 'CancelExecution',
  complete: 'CompleteExecution',
  retry: 'RetryExecution',
  retryTask: 'RetryTask',
  rollback: 'RollbackExecution',
  skipTask: 'SkipTask',
  runTask: 'RunTask',
  cancelTask: 'CancelTask',
  delete: 'DeleteExecution',
}

/**
 * Applies one control to an execution: under its lock, with an entry in the audit log, and wakes
 * the affected parts after the commit.
 */
export async function changeLocked(
  context: AppContext,
  actor: Actor,
  id: string,
  control: ExecutionControl | OtherChange,
  change: (connection: Connection, execution: NarrowExecutionRow) => Promise<void>,
  detail: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  await context.database.transaction().execute(async (transaction) => {
    const execution = await lockExecution(transaction, actor.accountId, id)
    if (!execution) throw chandlerError('ExecutionNotFound', { id })
    await change(transaction, execution)
    await writeAudit(transaction, actor, auditActions[control], `execution/${id}`, detail)
  })
  context.poke([id as ExecutionId])
  context.changed([id as ExecutionId])
}

export const refuse = (execution: NarrowExecutionRow, control: ExecutionControl, reason: string) =>
  chandlerError('ExecutionStateConflict', { id: execution.id, status: execution.status, control }, { reason })
