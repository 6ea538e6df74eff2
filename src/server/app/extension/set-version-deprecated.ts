import { chandlerError } from '../../../core/error/errors.ts'
import { parseVersion } from '../../../core/extension/extension.ts'
import { updateDeprecated } from '../../../store/extension/extension-versions.ts'
import { getExtensionByName } from '../../../store/extension/extensions.ts'
import { writeAudit } from '../access/write-audit.ts'
import type { Actor, AppContext } from '../context.ts'

/**
 * A deprecated version can be uninstalled and restored, but not newly installed. Started executions
 * are not affected.
 * @throws ExtensionNotFound, VersionNotFound
 */
export const setVersionDeprecated = (
  { database, clock }: Pick<AppContext, 'database' | 'clock'>,
  actor: Actor,
  name: string,
  label: string,
  deprecated: boolean,
): Promise<void> =>
  database.transaction().execute(async (transaction) => {
    const extension = await getExtensionByName(transaction, actor.accountId, name)
    if (!extension) throw chandlerError('ExtensionNotFound', { name })
    const version = parseVersion(label)
    const at = deprecated ? new Date(clock.now()) : null
    const found = version && (await updateDeprecated(transaction, actor.accountId, extension.id, version, at))
    if (!found) throw chandlerError('VersionNotFound', { name, version: label })
    const action = deprecated ? 'DeprecateVersion' : 'UndeprecateVersion'
    await writeAudit(transaction, actor, action, `extension/${name}`, { version })
  })
