import { chandlerError } from '../../../core/error/errors.ts'
import { type ExtensionType, showVersion } from '../../../core/extension/extension.ts'
import { validateExtensionName } from '../../../core/extension/name.ts'
import { makeExtensionId } from '../../../core/id.ts'
import { insertExtensionVersion } from '../../../store/extension/extension-versions.ts'
import { insertExtension } from '../../../store/extension/extensions.ts'
import { writeAudit } from '../access/write-audit.ts'
import type { Actor, AppContext } from '../context.ts'
import { renderCanonicalVersion } from '../trust/canonical-version.ts'
import { checkPackages } from './check-packages.ts'
import { completeVersion, type VersionRequest } from './complete-version.ts'
import { type GivenContent, makeContent } from './make-content.ts'

export interface NewExtensionRequest extends VersionRequest {
  readonly name: string
  readonly type: ExtensionType
  readonly description: string
  readonly tags?: Readonly<Record<string, string>> | undefined
  readonly resourceGroup?: string | undefined
  /** Set if the version was sent as a content, which is equivalent to the rest of the request. */
  readonly content?: GivenContent | undefined
}

/**
 * Creates an extension with its first version, v1.
 * @throws ExtensionNameInvalid, ExtensionNameReserved, ExtensionNameTaken, ExtensionInvalid,
 * ObjectNotFound, ArtifactNotFound
 */
export async function createExtension(
  context: Pick<AppContext, 'database' | 'objects' | 'random' | 'clock'>,
  actor: Actor,
  given: NewExtensionRequest,
): Promise<{ name: string; version: string }> {
  const { name, type, description, tags = {}, resourceGroup = '' } = given
  const problem = validateExtensionName(name)
  if (problem) throw chandlerError(problem.code, { reason: problem.reason })
  const request = await checkPackages(context, actor, given)
  const made = { id: makeExtensionId(context.random), createdAt: new Date(context.clock.now()), createdBy: actor.name }
  await context.database.transaction().execute(async (transaction) => {
    const version = await completeVersion(transaction, actor, request)
    const extension = { ...made, accountId: actor.accountId, name, type, description, tags, resourceGroup }
    if (!(await insertExtension(transaction, extension))) throw chandlerError('ExtensionNameTaken', { name })
    const content = makeContent(request.content, { type, description, ...version })
    const canonical = renderCanonicalVersion({ extensionName: name, type, version: 1, ...version })
    const row = { ...made, extensionId: made.id, version: 1, content, canonical, ...version }
    await insertExtensionVersion(transaction, actor.accountId, row)
    await writeAudit(transaction, actor, 'CreateExtension', `extension/${name}`, { version: 1 })
  })
  return { name, version: showVersion(1) }
}
