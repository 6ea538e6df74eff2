import { chandlerError } from '../../../core/error/errors.ts'
import { parseVersionReference } from '../../../core/extension/channel.ts'
import { showVersion } from '../../../core/extension/extension.ts'
import type { ExtensionId } from '../../../core/id.ts'
import type { Connection } from '../../../store/database/database.ts'
import { getChannelVersion } from '../../../store/extension/channels.ts'
import {
  type ExtensionVersionRow,
  getExtensionVersion,
  getNewestInstallableVersion,
} from '../../../store/extension/extension-versions.ts'
import type { Actor } from '../context.ts'

/**
 * The version that a reference means now: `v3`, `latest` (also absent), or a channel.
 * @throws VersionNotFound, ChannelNotFound, VersionDeprecated if there is no version to install
 */
export async function resolveVersion(
  connection: Connection,
  { accountId }: Pick<Actor, 'accountId'>,
  extension: { readonly id: ExtensionId; readonly name: string },
  reference: string | undefined,
): Promise<ExtensionVersionRow> {
  const { id, name } = extension
  const parsed = reference === undefined ? ({ kind: 'latest' } as const) : parseVersionReference(reference)
  if (parsed === undefined) throw chandlerError('VersionNotFound', { name, version: reference ?? '' })
  if (parsed.kind === 'latest') {
    const newest = await getNewestInstallableVersion(connection, accountId, id)
    if (!newest) throw chandlerError('VersionDeprecated', { name, version: 'of every number' })
    return newest
  }
  const version =
    parsed.kind === 'number' ? parsed.version : await getChannelVersion(connection, accountId, id, parsed.channel)
  if (version === undefined) throw chandlerError('ChannelNotFound', { name, channel: reference ?? '' })
  const row = await getExtensionVersion(connection, accountId, id, version)
  if (!row) throw chandlerError('VersionNotFound', { name, version: showVersion(version) })
  return row
}
