import { chandlerError } from '../../../core/error/errors.ts'
import { lockExtension } from '../../../store/extension/extensions.ts'
import {
  deleteFavorite,
  insertFavorite,
  listFavoriteRows as listRows,
} from '../../../store/extension/favorite-templates.ts'
import { writeAudit } from '../access/write-audit.ts'
import type { Actor, AppContext } from '../context.ts'

type Context = Pick<AppContext, 'database'>

/**
 * Marks a template as a favorite of the actor, or removes the mark.
 * @param isPublic it comes with the server, and is not an extension of the account
 * @throws ExtensionNotFound
 */
export const setFavorite = (
  { database }: Context,
  actor: Actor,
  name: string,
  { isFavorite, isPublic }: { readonly isFavorite: boolean; readonly isPublic: boolean },
): Promise<void> =>
  database.transaction().execute(async (transaction) => {
    // Locked, so that no mark remains after the template is deleted.
    if (!isPublic && !(await lockExtension(transaction, actor.accountId, name, 'use')))
      throw chandlerError('ExtensionNotFound', { name })
    const change = isFavorite ? insertFavorite : deleteFavorite
    await change(transaction, readerOf(actor), name)
    await writeAudit(transaction, actor, 'UpdateTemplateAttributes', `template/${name}`, { isFavorite })
  })

/** Those of the names that the actor has marked. */
export const listFavorites = ({ database }: Context, actor: Actor, names: readonly string[]): Promise<Set<string>> =>
  listRows(database, readerOf(actor), names)

export const readerOf = ({ accountId, name }: Actor) => ({ accountId, userName: name })
