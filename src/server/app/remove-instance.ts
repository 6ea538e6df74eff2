import { chandlerError } from '../../core/errors.ts'
import type { InstanceId } from '../../core/id.ts'
import { listExecutionsAtWork, removeInstance as removeRow } from '../../store/instances.ts'
import { listOpenInvocations, type OpenInvocation } from '../../store/invocations.ts'
import { applyReports, type Report } from './apply-reports.ts'
import type { Actor, AppContext } from './context.ts'
import { writeAudit } from './write-audit.ts'

/**
 * Forgets an instance: its key is refused from now on and its agent let go; its tasks end. What is installed on it stays there.
 * @param force also while an execution is at work on it
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
  // A crash before this costs time, not truth: the deadlines of what is open end it as well.
  // Again, for what was withdrawn here may have been handed out in the same moment.
  for (;;) {
    const open = await listOpenInvocations(database, [id as InstanceId])
    if (open.length === 0) break
    await applyReports(context, open.map(makeRemovedReport))
  }
  context.poke(executions)
}

function makeRemovedReport({ id, instanceId, state }: OpenInvocation): Report {
  const outcome =
    state === 'queued'
      ? {
          state: 'withdrawn' as const,
          reason: 'The instance was removed before it was given this: nothing happened there.',
        }
      : {
          state: 'lost' as const,
          reason: 'The instance was removed while it was at work. What happened there is unknown.',
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
