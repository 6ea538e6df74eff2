import { chandlerError } from '../../../core/error/errors.ts'
import { parseVersion } from '../../../core/extension/extension.ts'
import { getExtensionByName } from '../../../store/extension/extensions.ts'
import {
  getTemplateRow,
  type ListedTemplateRow,
  listTemplateRows as listRows,
  listTemplateVersionRows as listVersionRows,
  type TemplateFilter,
  type TemplatePage,
  type TemplateRow,
} from '../../../store/extension/templates.ts'
import type { Actor, AppContext } from '../context.ts'
import { readerOf } from './favorite-templates.ts'

export type TemplateView = TemplateRow
export type ListedTemplateView = ListedTemplateRow
export type { TemplateFilter, TemplateSort } from '../../../store/extension/templates.ts'

type Context = Pick<AppContext, 'database'>

/** Extensions of the actor's account as clients of OOS see them, with their newest versions. */
export const listTemplates = (
  { database }: Context,
  actor: Actor,
  filter: TemplateFilter,
  page: TemplatePage,
): Promise<ListedTemplateView[]> => listRows(database, readerOf(actor), filter, page)

/**
 * @param label `v3` or `3`; absent: the newest
 * @throws ExtensionNotFound, VersionNotFound
 */
export async function readTemplate(
  { database }: Context,
  actor: Actor,
  name: string,
  label?: string,
): Promise<TemplateView & { readonly content: string }> {
  const version = label === undefined ? undefined : parseVersion(label)
  const isReadable = label === undefined || version !== undefined
  const found = isReadable ? await getTemplateRow(database, actor.accountId, name, version) : undefined
  if (found) return found
  if (label !== undefined && (await getExtensionByName(database, actor.accountId, name)))
    throw chandlerError('VersionNotFound', { name, version: label })
  throw chandlerError('ExtensionNotFound', { name })
}

/** Newest first, before `before`. @throws ExtensionNotFound */
export async function listTemplateVersions(
  { database }: Context,
  actor: Actor,
  name: string,
  page: { readonly before?: number | undefined; readonly limit: number },
): Promise<TemplateView[]> {
  const rows = await listVersionRows(database, actor.accountId, name, page)
  if (rows.length === 0 && !(await getExtensionByName(database, actor.accountId, name)))
    throw chandlerError('ExtensionNotFound', { name })
  return rows
}
