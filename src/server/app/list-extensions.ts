import { chandlerError } from '../../core/errors.ts'
import type { Connection } from '../../store/database.ts'
import { type ExtensionRow, getExtensionByName, listExtensions as listRows } from '../../store/extensions.ts'
import { listInstalledCounts } from '../../store/installed-states.ts'
import type { Actor, AppContext } from './context.ts'

/** `installedOn`: how many instances have which version. */
export type ExtensionView = ExtensionRow & { readonly installedOn: ReadonlyMap<number, number> }

/** By name, from after `after`. */
export async function listExtensions(
  { database }: Pick<AppContext, 'database'>,
  actor: Actor,
  page: { after?: string | undefined; limit: number },
): Promise<ExtensionView[]> {
  return withCounts(database, actor, await listRows(database, actor.accountId, page))
}

/** @throws ExtensionNotFound */
export async function getExtension(
  { database }: Pick<AppContext, 'database'>,
  actor: Actor,
  name: string,
): Promise<ExtensionView> {
  const row = await getExtensionByName(database, actor.accountId, name)
  if (!row) throw chandlerError('ExtensionNotFound', { name })
  const [view] = await withCounts(database, actor, [row])
  return view as ExtensionView
}

async function withCounts(database: Connection, actor: Actor, rows: readonly ExtensionRow[]): Promise<ExtensionView[]> {
  const counts = await listInstalledCounts(
    database,
    actor.accountId,
    rows.map(({ id }) => id),
  )
  const byExtension = Map.groupBy(counts, ({ extensionId }) => extensionId)
  return rows.map((row) => ({
    ...row,
    installedOn: new Map((byExtension.get(row.id) ?? []).map(({ version, count }) => [version, count])),
  }))
}
