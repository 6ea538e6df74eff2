import { chandlerError } from '../../../core/error/errors.ts'
import type { Connection } from '../../../store/database/database.ts'
import { listChannels } from '../../../store/extension/channels.ts'
import {
  type ExtensionRow,
  getExtensionByName,
  listExtensionRows as listRows,
} from '../../../store/extension/extensions.ts'
import { listInstalledCounts } from '../../../store/instance/installed-states.ts'
import type { Actor, AppContext } from '../context.ts'

/**
 * `installedOn`: the number of instances with each version; `brokenOn`: the number on which a
 * change did not complete.
 */
export type ExtensionRecord = ExtensionRow & {
  readonly installedOn: ReadonlyMap<number, number>
  readonly brokenOn: number
  /** Versions by channel. */
  readonly channels: ReadonlyMap<string, number>
}

/** By name, after `after`. */
export async function listExtensions(
  { database }: Pick<AppContext, 'database'>,
  actor: Actor,
  page: { after?: string | undefined; limit: number },
): Promise<ExtensionRecord[]> {
  return withCounts(database, actor, await listRows(database, actor.accountId, page))
}

/** @throws ExtensionNotFound */
export async function getExtension(
  { database }: Pick<AppContext, 'database'>,
  actor: Actor,
  name: string,
): Promise<ExtensionRecord> {
  const row = await getExtensionByName(database, actor.accountId, name)
  if (!row) throw chandlerError('ExtensionNotFound', { name })
  const [view] = await withCounts(database, actor, [row])
  return view as ExtensionRecord
}

async function withCounts(
  database: Connection,
  actor: Actor,
  rows: readonly ExtensionRow[],
): Promise<ExtensionRecord[]> {
  const ids = rows.map(({ id }) => id)
  const counts = await listInstalledCounts(database, actor.accountId, ids)
  const channels = Map.groupBy(await listChannels(database, actor.accountId, ids), ({ extensionId }) => extensionId)
  const byExtension = Map.groupBy(counts, ({ extensionId }) => extensionId)
  return rows.map((row) => ({
    ...row,
    ...sumCounts(byExtension.get(row.id) ?? []),
    channels: new Map((channels.get(row.id) ?? []).map(({ name, version }) => [name, version])),
  }))
}

const sumCounts = (counts: Awaited<ReturnType<typeof listInstalledCounts>>) => ({
  installedOn: new Map(counts.filter(({ count }) => count > 0).map(({ version, count }) => [version, count])),
  brokenOn: counts.reduce((sum, { brokenCount }) => sum + brokenCount, 0),
})
