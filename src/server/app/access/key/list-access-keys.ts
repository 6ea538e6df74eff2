import { chandlerError } from '../../../../core/error/errors.ts'
import { type AccessKey, listAccessKeyRows as listKeys } from '../../../../store/access/access-keys.ts'
import { getPrincipalRow } from '../../../../store/access/principals.ts'
import type { Actor, AppContext } from '../../context.ts'

export type AccessKeyRecord = AccessKey

/** By id, after `after`; those of one user, if given; without secrets. @throws UserNotFound */
export async function listAccessKeys(
  { database }: Pick<AppContext, 'database'>,
  { accountId }: Actor,
  page: { user?: string | undefined; after?: string | undefined; limit: number },
): Promise<AccessKeyRecord[]> {
  if (page.user !== undefined && !(await getPrincipalRow(database, accountId, 'user', page.user)))
    throw chandlerError('UserNotFound', { name: page.user })
  return listKeys(database, accountId, page)
}
