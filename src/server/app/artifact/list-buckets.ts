import { type BucketRow, listBucketRows as listRows } from '../../../store/artifact/buckets.ts'
import type { Actor, AppContext } from '../context.ts'

/** By name, after `after`, without the built-in bucket. */
export const listBuckets = (
  { database }: Pick<AppContext, 'database'>,
  actor: Actor,
  page: { after?: string | undefined; limit: number },
): Promise<BucketRow[]> => listRows(database, actor.accountId, page)
