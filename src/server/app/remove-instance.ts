import { chandlerError } from '../../core/errors.ts'
import { listExecutionsAtWork, removeInstance as removeRow } from '../../store/instances.ts'
import type { Actor, AppContext } from './context.ts'
import { writeAudit } from './write-audit.ts'

/**
 * Forgets an instance: its key is refused from now on, its tasks that have not begun will not. What is installed on it stays there.
 * @param force also while an execution is at work on it
 * @throws InstanceNotFound, InstanceBusy
 */
export async function removeInstance(
  { database, clock, poke }: Pick<AppContext, 'database' | 'clock' | 'poke'>,
  actor: Actor,
  id: string,
  { force }: { readonly force: boolean },
): Promise<void> {
  const executions = await database.transaction().execute(async (transaction) => {
    if (!(await removeRow(transaction, actor.accountId, id, new Date(clock.now())))) {
      throw chandlerError('InstanceNotFound', { id })
    }
    const atWork = await listExecutionsAtWork(transaction, actor.accountId, id)
    if (!force && atWork.length > 0) throw chandlerError('InstanceBusy', { id, execution: atWork.join(', ') })
    await writeAudit(transaction, actor, 'RemoveInstance', `instance/${id}`, { force, executions: atWork })
    return atWork
  })
  poke(executions)
}
