import { artifactBucket } from '../../../core/artifact/artifact-object.ts'
import { chandlerError } from '../../../core/error/errors.ts'
import { getBucket } from '../../../store/artifact/buckets.ts'
import { listObjectRows as listRows, type ObjectRow } from '../../../store/artifact/objects.ts'
import type { Actor, AppContext } from '../context.ts'

/** In byte order of the keys, after `after`. @throws BucketNotFound, BucketReserved */
export async function listObjects(
  { database }: Pick<AppContext, 'database'>,
  actor: Actor,
  bucket: string,
  page: { prefix?: string | undefined; after?: string | undefined; limit: number },
): Promise<ObjectRow[]> {
  if (bucket === artifactBucket) throw chandlerError('BucketReserved', { bucket })
  if (!(await getBucket(database, actor.accountId, bucket))) throw chandlerError('BucketNotFound', { bucket })
  return listRows(database, actor.accountId, bucket, page)
}
