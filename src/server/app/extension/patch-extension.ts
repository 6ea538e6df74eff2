import { chandlerError } from '../../../core/error/errors.ts'
import { type ExtensionChanges, updateExtension } from '../../../store/extension/extensions.ts'
import { writeAudit } from '../access/write-audit.ts'
import type { Actor, AppContext } from '../context.ts'
import { type ExtensionRecord, getExtension } from './list-extensions.ts'

/**
 * Changes description and labels of an extension; `tags` replaces all tags. Creates no version.
 * @throws ExtensionNotFound
 */
export async function patchExtension(
  context: Pick<AppContext, 'database'>,
  actor: Actor,
  name: string,
  patch: Pick<ExtensionChanges, 'tags' | 'resourceGroup'>,
): Promise<ExtensionRecord> {
  await context.database.transaction().execute(async (transaction) => {
    if (!(await updateExtension(transaction, actor.accountId, name, patch)))
      throw chandlerError('ExtensionNotFound', { name })
    await writeAudit(transaction, actor, 'UpdateExtension', `extension/${name}`, { ...patch })
  })
  return getExtension(context, actor, name)
}
