import { chandlerError } from '../../../core/error/errors.ts'
import { showVersion } from '../../../core/extension/extension.ts'
import { insertExtensionVersion } from '../../../store/extension/extension-versions.ts'
import {
  type ExtensionChanges,
  lockExtension,
  updateExtension,
  updateVersionCounter,
} from '../../../store/extension/extensions.ts'
import { writeAudit } from '../access/write-audit.ts'
import type { Actor, AppContext } from '../context.ts'
import { renderCanonicalVersion } from '../trust/canonical-version.ts'
import { checkPackages } from './check-packages.ts'
import { completeVersion, type VersionRequest } from './complete-version.ts'
import { type GivenContent, makeContent } from './make-content.ts'

export interface NextVersionRequest extends VersionRequest {
  /** Changes of the extension itself; absent fields are unchanged. */
  readonly extension?: ExtensionChanges | undefined
  /** Set if the version was sent as a content, which is equivalent to the rest of the request. */
  readonly content?: GivenContent | undefined
}

/**
 * Creates the next version of an extension. Concurrent requests get different numbers in any order.
 * @throws ExtensionNotFound, ExtensionInvalid, ObjectNotFound, ArtifactNotFound
 */
export async function createVersion(
  context: Pick<AppContext, 'database' | 'objects' | 'clock'>,
  actor: Actor,
  name: string,
  given: NextVersionRequest,
): Promise<{ name: string; version: string }> {
  const request = await checkPackages(context, actor, given)
  const createdAt = new Date(context.clock.now())
  const number = await context.database.transaction().execute(async (transaction) => {
    const { accountId } = actor
    const extension = await lockExtension(transaction, accountId, name, 'update')
    if (!extension) throw chandlerError('ExtensionNotFound', { name })
    const version = await completeVersion(transaction, actor, request)
    const change = { at: createdAt, by: actor.name }
    const next = await updateVersionCounter(transaction, accountId, extension.id, change)
    if (request.extension) await updateExtension(transaction, accountId, name, request.extension)
    const type = request.extension?.type ?? extension.type
    const description = request.extension?.description ?? extension.description
    const content = makeContent(request.content, { type, description, ...version })
    const canonical = renderCanonicalVersion({ extensionName: name, type, version: next, ...version })
    const made = { extensionId: extension.id, version: next, createdAt, createdBy: actor.name }
    const row = { ...made, content, canonical, ...version }
    await insertExtensionVersion(transaction, accountId, row)
    await writeAudit(transaction, actor, 'CreateVersion', `extension/${name}`, { version: next })
    return next
  })
  return { name, version: showVersion(number) }
}
