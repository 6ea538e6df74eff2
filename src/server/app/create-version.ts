import { chandlerError } from '../../core/errors.ts'
import { showVersion } from '../../core/extension.ts'
import { insertExtensionVersion } from '../../store/extension-versions.ts'
import { lockExtension, updateVersionCounter } from '../../store/extensions.ts'
import { completeVersion, type VersionRequest } from './complete-version.ts'
import type { Actor, AppContext } from './context.ts'
import { writeAudit } from './write-audit.ts'

/**
 * The next version of an extension. Versions that are made at once get different numbers, in some order.
 * @throws ExtensionNotFound, ExtensionInvalid, ArtifactNotFound
 */
export async function createVersion(
  context: Pick<AppContext, 'database' | 'objects' | 'clock'>,
  actor: Actor,
  name: string,
  request: VersionRequest,
): Promise<{ name: string; version: string }> {
  const createdAt = new Date(context.clock.now())
  const number = await context.database.transaction().execute(async (transaction) => {
    const extension = await lockExtension(transaction, actor.accountId, name, 'update')
    if (!extension) throw chandlerError('ExtensionNotFound', { name })
    const version = await completeVersion(context, transaction, actor, request)
    const next = await updateVersionCounter(transaction, actor.accountId, extension.id, createdAt)
    const row = { extensionId: extension.id, version: next, createdAt, ...version }
    await insertExtensionVersion(transaction, actor.accountId, row)
    await writeAudit(transaction, actor, 'CreateVersion', `extension/${name}`, { version: next })
    return next
  })
  return { name, version: showVersion(number) }
}
