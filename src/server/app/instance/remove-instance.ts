import { chandlerError } from '../../../core/error/errors.ts'
import type { InstanceId } from '../../../core/id.ts'
import { makeReason } from '../../../core/reason/reason.ts'
import { lockExecution, updateExecutionRow } from '../../../store/execution/executions.ts'
import {
  listExecutionsAtWork,
  listExecutionsAwaiting,
  removeInstanceRow as removeRow,
} from '../../../store/instance/instances.ts'
import { listOpenInvocations, type OpenInvocationRow } from '../../../store/report/invocations.ts'
import { endPendingTasks } from '../../../store/task/task-ends.ts'
import { endDueParts } from '../../../store/task/task-parts.ts'
import { writeAudit } from '../access/write-audit.ts'
import { applyReports } from '../agent/apply-reports.ts'
import type { Report } from '../agent/report.ts'
import type { Actor, AppContext } from '../context.ts'

/**
 * Removes an instance: its key is refused from now on, its agent is disconnected, and its tasks
 * end. The software on it stays installed.
 * @param force also while an execution is running on it
 * @throws InstanceNotFound, InstanceBusy
 */
export async function removeInstance(
  context: AppContext,
  actor: Actor,
  id: string,
  { force }: { readonly force: boolean },
): Promise<void> {
  const { database, clock } = context
  const executions = await database.transaction().execute(async (transaction) => {
    if (!(await removeRow(transaction, actor.accountId, id, new Date(clock.now())))) {
      throw chandlerError('InstanceNotFound', { id })
    }
    const atWork = await listExecutionsAtWork(transaction, actor.accountId, id)
    if (!force && atWork.length > 0) throw chandlerError('InstanceBusy', { id, execution: atWork.join(', ') })
    await writeAudit(transaction, actor, 'RemoveInstance', `instance/${id}`, { force, executions: atWork })
    return atWork
  })
  context.disconnect([id as InstanceId])
  await endPendingTasksOf(context, actor, id as InstanceId)
  // If the server crashes before this, the deadlines of the open invocations end them later.
  // Repeated, because withdrawn work may have been handed out at the same moment.
  for (;;) {
    const open = await listOpenInvocations(database, [id as InstanceId])
    if (open.length === 0) break
    await applyReports(context, open.map(makeRemovedReport))
  }
  context.poke(executions)
}

async function endPendingTasksOf({ database, poke, changed }: AppContext, actor: Actor, id: InstanceId): Promise<void> {
  const executions = await listExecutionsAwaiting(database, id)
  for (const executionId of executions) {
    await database.transaction().execute(async (transaction) => {
      const execution = await lockExecution(transaction, actor.accountId, executionId)
      if (!execution) return
      const revision = execution.revision + 1
      const reason = makeReason('RemovedBeforeStart')
      const end = { status: 'Failed', reasonCode: 'InstanceRemoved', reason } as const
      const changed = { id: executionId, revision }
      const count =
        (await endPendingTasks(transaction, changed, end, [id])) +
        (await endDueParts(transaction, changed, { instanceIds: [id] }, end))
      if (count > 0) await updateExecutionRow(transaction, executionId, { revision })
    })
  }
  poke(executions)
  changed(executions)
}

function makeRemovedReport({ id, instanceId, state }: OpenInvocationRow): Report {
  const outcome =
    state === 'queued'
      ? {
          state: 'withdrawn' as const,
          reason: makeReason('RemovedBeforeStart'),
        }
      : {
          state: 'lost' as const,
          reason: makeReason('RemovedWhileRunning'),
        }
  return {
    kind: 'end',
    instanceId,
    invocationId: id,
    outcome: { ...outcome, reasonCode: 'InstanceRemoved' },
    stdoutBytes: 0,
    stderrBytes: 0,
    cutBytes: 0,
  }
}
