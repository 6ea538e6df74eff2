import { chandlerError } from '../../../core/error/errors.ts'
import { isEnded } from '../../../core/execution/execution.ts'
import { countRunning, totalTasks } from '../../../core/execution/task-counts.ts'
import type { ExecutionId } from '../../../core/id.ts'
import { lockExecution, markExecutionsDeleted, type NarrowExecutionRow } from '../../../store/execution/executions.ts'
import { listTaskCounts } from '../../../store/task/task-counts.ts'
import { writeAudit } from '../access/write-audit.ts'
import type { Actor, AppContext } from '../context.ts'
import { controlExecution } from './control-execution.ts'
import { removeSoon } from './remove-deleted.ts'

/**
 * Deletes executions with their tasks and output; all of them or none. Their rows are removed step
 * by step. One that has not ended is refused, unless it is forced and none of its tasks run: then
 * its pending tasks never begin. Running tasks have to be cancelled first, as the refusal says, so
 * that no running work is forgotten.
 */
export async function deleteExecutions(
  context: AppContext,
  actor: Actor,
  ids: readonly string[],
  { force }: { readonly force: boolean },
): Promise<void> {
  const running = await context.database.transaction().execute(async (transaction) => {
    const executions: NarrowExecutionRow[] = []
    // Every transaction locks in this order, which prevents deadlocks.
    for (const id of [...new Set(ids)].toSorted()) {
      const execution = await lockExecution(transaction, actor.accountId, id)
      if (!execution) throw chandlerError('ExecutionNotFound', { id })
      if (!isEnded(execution.status) && !force)
        throw refuse(execution, 'The execution has not ended. Cancel it first, or use force.')
      executions.push(execution)
    }
    const counts = await listTaskCounts(
      transaction,
      executions.map(({ id }) => id),
    )
    const busy = executions.filter(({ id }) => countRunning(totalTasks(counts.get(id) ?? [])) > 0)
    if (busy.length > 0) return busy
    await markExecutionsDeleted(
      transaction,
      executions.map(({ id }) => id),
    )
    for (const { id, status } of executions)
      await writeAudit(transaction, actor, 'DeleteExecution', `execution/${id}`, { status })
    return []
  })
  for (const { id } of running) await controlExecution(context, actor, id, 'cancel')
  const [first] = running
  if (first)
    throw refuse(first, 'Its tasks are running and are now being stopped. Delete the execution when they have ended.')
  context.changed(ids as readonly ExecutionId[])
  await removeSoon(context, [...new Set(ids as readonly ExecutionId[])])
}

const refuse = ({ id, status }: NarrowExecutionRow, reason: string) =>
  chandlerError('ExecutionStateConflict', { id, status, control: 'delete' }, { reason })
