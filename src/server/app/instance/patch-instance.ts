import { chandlerError } from '../../../core/error/errors.ts'
import { type InstanceChanges, updateInstance } from '../../../store/instance/instances.ts'
import { writeAudit } from '../access/write-audit.ts'
import type { Actor, AppContext } from '../context.ts'
import { getInstance, type InstanceRecord } from './get-instance.ts'

/** Changes the labels of an instance; `tags` replaces all tags. @throws InstanceNotFound */
export async function patchInstance(
  context: Pick<AppContext, 'database' | 'secrets' | 'log'>,
  actor: Actor,
  id: string,
  patch: InstanceChanges,
): Promise<InstanceRecord> {
  await context.database.transaction().execute(async (transaction) => {
    if (!(await updateInstance(transaction, actor.accountId, id, patch)))
      throw chandlerError('InstanceNotFound', { id })
    await writeAudit(transaction, actor, 'UpdateInstance', `instance/${id}`, { ...patch })
  })
  return getInstance(context, actor, id)
}
