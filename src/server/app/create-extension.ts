import { chandlerError } from '../../core/errors.ts'
import { type ExtensionType, showVersion } from '../../core/extension.ts'
import { makeExtensionId } from '../../core/id.ts'
import { validateExtensionName } from '../../core/name.ts'
import { insertExtensionVersion } from '../../store/extension-versions.ts'
import { insertExtension } from '../../store/extensions.ts'
import { completeVersion, type VersionRequest } from './complete-version.ts'
import type { Actor, AppContext } from './context.ts'
import { writeAudit } from './write-audit.ts'

export interface ExtensionRequest extends VersionRequest {
  readonly name: string
  readonly type: ExtensionType
  readonly description: string
}

/**
 * A new extension with its first version, v1.
 * @throws ExtensionNameInvalid, ExtensionNameReserved, ExtensionNameTaken, ExtensionInvalid, ArtifactNotFound
 */
export async function createExtension(
  context: Pick<AppContext, 'database' | 'objects' | 'random' | 'clock'>,
  actor: Actor,
  request: ExtensionRequest,
): Promise<{ name: string; version: string }> {
  const { name, type, description } = request
  const problem = validateExtensionName(name)
  if (problem) throw chandlerError(problem.code, { reason: problem.reason })
  const id = makeExtensionId(context.random)
  const createdAt = new Date(context.clock.now())
  await context.database.transaction().execute(async (transaction) => {
    const version = await completeVersion(context, transaction, actor, request)
    const extension = { id, accountId: actor.accountId, name, type, description, createdAt }
    if (!(await insertExtension(transaction, extension))) throw chandlerError('ExtensionNameTaken', { name })
    await insertExtensionVersion(transaction, actor.accountId, { extensionId: id, version: 1, createdAt, ...version })
    await writeAudit(transaction, actor, 'CreateExtension', `extension/${name}`, { version: 1 })
  })
  return { name, version: showVersion(1) }
}
