import { chandlerError } from '../../../core/error/errors.ts'
import { parseVersion, showVersion } from '../../../core/extension/extension.ts'
import { listChannels } from '../../../store/extension/channels.ts'
import {
  countExtensionVersions,
  deleteExtensionVersion,
  getExtensionVersion,
} from '../../../store/extension/extension-versions.ts'
import { getExtensionUse, lockExtension } from '../../../store/extension/extensions.ts'
import { writeAudit } from '../access/write-audit.ts'
import type { Actor, AppContext } from '../context.ts'
import { renderUse } from './delete-extension.ts'

/**
 * Deletes one version; its number is never reused. Deleting the only version deletes the extension.
 * @param force as for deleteExtension
 * @throws ExtensionNotFound, VersionNotFound; VersionInUse with the instances and executions
 */
export const deleteVersion = (
  { database }: Pick<AppContext, 'database'>,
  actor: Actor,
  name: string,
  label: string,
  { force }: { readonly force: boolean },
): Promise<void> =>
  database.transaction().execute(async (transaction) => {
    const { accountId } = actor
    const extension = await lockExtension(transaction, accountId, name, 'update')
    if (!extension) throw chandlerError('ExtensionNotFound', { name })
    const number = parseVersion(label)
    const found = number && (await getExtensionVersion(transaction, accountId, extension.id, number))
    if (!found) throw chandlerError('VersionNotFound', { name, version: label })
    const version = showVersion(number)
    if ((await countExtensionVersions(transaction, accountId, extension.id)) === 1) {
      const reason = 'it is the only version; delete the extension instead'
      throw chandlerError('VersionInUse', { name, version, reason })
    }
    const use = await getExtensionUse(transaction, extension.id, number)
    const channels = await listChannels(transaction, accountId, [extension.id])
    const pointing = channels.filter((channel) => channel.version === number).map((channel) => channel.name)
    const promoted = pointing.length > 0 ? `it is ${pointing.join(' and ')}` : undefined
    const reason = [renderUse(use), promoted].filter(Boolean).join(', and ')
    if (reason && !force) throw chandlerError('VersionInUse', { name, version, reason }, { ...use })
    await deleteExtensionVersion(transaction, accountId, extension.id, number)
    await writeAudit(transaction, actor, 'DeleteVersion', `extension/${name}`, { version: number, force, ...use })
  })
