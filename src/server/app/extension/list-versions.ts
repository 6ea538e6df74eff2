import { chandlerError } from '../../../core/error/errors.ts'
import {
  type ExtensionVersionRow,
  getNewestInstallableVersion,
  listExtensionVersions,
} from '../../../store/extension/extension-versions.ts'
import { getExtensionByName } from '../../../store/extension/extensions.ts'
import type { Actor, AppContext } from '../context.ts'
import { resolveVersion } from './resolve-version.ts'

export type VersionRecord = ExtensionVersionRow

/**
 * Newest first, before `before`. A page may be shorter than `limit` if versions are large: only an
 * empty page is the last.
 */
export async function listVersions(
  { database }: Pick<AppContext, 'database'>,
  actor: Actor,
  name: string,
  page: { before?: number | undefined; limit: number },
): Promise<VersionRecord[]> {
  const extension = await getExtensionByName(database, actor.accountId, name)
  if (!extension) throw chandlerError('ExtensionNotFound', { name })
  return listExtensionVersions(database, actor.accountId, extension.id, page)
}

/**
 * The version with this label, or the newest that is not deprecated. @throws ExtensionNotFound,
 * VersionNotFound, VersionDeprecated
 */
export async function getWantedVersion(
  context: Pick<AppContext, 'database'>,
  actor: Actor,
  name: string,
  label: string | undefined,
): Promise<VersionRecord> {
  if (label !== undefined) return getVersion(context, actor, name, label)
  const extension = await getExtensionByName(context.database, actor.accountId, name)
  if (!extension) throw chandlerError('ExtensionNotFound', { name })
  const newest = await getNewestInstallableVersion(context.database, actor.accountId, extension.id)
  if (!newest) throw chandlerError('VersionDeprecated', { name, version: 'of every number' })
  return newest
}

/** @param label `v3`, `latest` or a channel. @throws ExtensionNotFound, VersionNotFound, ChannelNotFound */
export async function getVersion(
  { database }: Pick<AppContext, 'database'>,
  actor: Actor,
  name: string,
  label: string,
): Promise<VersionRecord> {
  const extension = await getExtensionByName(database, actor.accountId, name)
  if (!extension) throw chandlerError('ExtensionNotFound', { name })
  return resolveVersion(database, actor, extension, label)
}
