import { chandlerError } from '../../../core/error/errors.ts'
import { findChannelNameFault } from '../../../core/extension/channel.ts'
import { parseVersion, showVersion } from '../../../core/extension/extension.ts'
import { deleteChannel, getChannelVersion, setChannel } from '../../../store/extension/channels.ts'
import { getExtensionVersion } from '../../../store/extension/extension-versions.ts'
import { lockExtension } from '../../../store/extension/extensions.ts'
import { writeAudit } from '../access/write-audit.ts'
import type { Actor, AppContext } from '../context.ts'

/** A channel before and after a promotion. */
export interface Promotion {
  readonly from: string | undefined
  readonly to: string
}

/**
 * Points a channel to a version. Started executions keep the version that they started with.
 * @throws ExtensionNotFound, VersionNotFound, VersionDeprecated, ChannelInvalid
 */
export async function promoteVersion(
  context: AppContext,
  actor: Actor,
  { name, channel, version: label }: { readonly name: string; readonly channel: string; readonly version: string },
): Promise<Promotion> {
  const { accountId } = actor
  const fault = findChannelNameFault(channel)
  if (fault !== undefined) throw chandlerError('ChannelInvalid', { channel, reason: fault })
  const promotion = await context.database.transaction().execute(async (transaction) => {
    const extension = await lockExtension(transaction, accountId, name, 'update')
    if (!extension) throw chandlerError('ExtensionNotFound', { name })
    const number = parseVersion(label)
    const found = number && (await getExtensionVersion(transaction, accountId, extension.id, number))
    if (!found) throw chandlerError('VersionNotFound', { name, version: label })
    if (found.deprecated) throw chandlerError('VersionDeprecated', { name, version: showVersion(number) })
    const from = await getChannelVersion(transaction, accountId, extension.id, channel)
    const row = { extensionId: extension.id, name: channel, version: number, promotedBy: actor.name }
    await setChannel(transaction, accountId, row)
    const audited = { channel, version: number, ...(from === undefined ? {} : { from }) }
    await writeAudit(transaction, actor, 'PromoteVersion', `extension/${name}`, audited)
    return { from: from === undefined ? undefined : showVersion(from), to: showVersion(number) }
  })
  context.changed([`extensions/${accountId}`])
  return promotion
}

/** @throws ExtensionNotFound, ChannelNotFound */
export async function removeChannel(context: AppContext, actor: Actor, name: string, channel: string): Promise<void> {
  await context.database.transaction().execute(async (transaction) => {
    const extension = await lockExtension(transaction, actor.accountId, name, 'update')
    if (!extension) throw chandlerError('ExtensionNotFound', { name })
    if (!(await deleteChannel(transaction, actor.accountId, extension.id, channel)))
      throw chandlerError('ChannelNotFound', { name, channel })
    await writeAudit(transaction, actor, 'DeleteChannel', `extension/${name}`, { channel })
  })
  context.changed([`extensions/${actor.accountId}`])
}
