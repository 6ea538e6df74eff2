import { type AccessKey, listAccessKeys as listKeys } from '../../../../store/access/access-keys.ts'
import type { Actor, AppContext } from '../../context.ts'

export type AccessKeyView = AccessKey

/** By id, from after `after`; those of one user, if one is given; without secrets. */
export const listAccessKeys = (
  { database }: Pick<AppContext, 'database'>,
  actor: Actor,
  page: { user?: string | undefined; after?: string | undefined; limit: number },
): Promise<AccessKeyView[]> => listKeys(database, actor.accountId, page)
