import { chandlerError } from '../../../core/error/errors.ts'
import { type InstanceChanges, lockInstanceLabels, updateInstance } from '../../../store/instance/instances.ts'
import { authoriseLabels } from '../access/object-access.ts'
import { writeAudit } from '../access/write-audit.ts'
import type { Actor, AppContext } from '../context.ts'
import { getInstance, type InstanceRecord } from './get-instance.ts'

/**
 * Changes the labels of an instance; `tags` replaces all tags. Labels grant permissions: the actor
 * needs the permission with the current labels and with the new ones, so that nobody can pass an
 * instance to another team, or take one.
 * @throws InstanceNotFound, AccessDenied
 */
export async function patchInstance(
  context: Pick<AppContext, 'database' | 'secrets' | 'log' | 'clock' | 'region' | 'accountName'>,
  actor: Actor,
  id: string,
  patch: InstanceChanges,
): Promise<InstanceRecord> {
  await context.database.transaction().execute(async (transaction) => {
    const before = await lockInstanceLabels(transaction, actor.accountId, id)
    if (!before) throw chandlerError('InstanceNotFound', { id })
    const permission = { action: 'ecs:ModifyInstanceAttribute', kind: 'instance', id } as const
    authoriseLabels(context, actor, permission, before)
    authoriseLabels(context, actor, permission, {
      tags: patch.tags ?? before.tags,
      resourceGroup: patch.resourceGroup ?? before.resourceGroup,
    })
    await updateInstance(transaction, actor.accountId, id, patch)
    await writeAudit(transaction, actor, 'UpdateInstance', `instance/${id}`, { ...patch })
  })
  return getInstance(context, actor, id)
}
