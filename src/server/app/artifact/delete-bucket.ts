import { artifactBucket } from '../../../core/artifact/artifact-object.ts'
import { chandlerError } from '../../../core/error/errors.ts'
import { deleteBucketRow as deleteRow, lockBucket } from '../../../store/artifact/buckets.ts'
import { listObjectRows } from '../../../store/artifact/objects.ts'
import { writeAudit } from '../access/write-audit.ts'
import type { Actor, AppContext } from '../context.ts'

/** @throws BucketNotFound, BucketNotEmpty, BucketReserved */
export async function deleteBucket(
  { database }: Pick<AppContext, 'database'>,
  actor: Actor,
  name: string,
): Promise<void> {
  if (name === artifactBucket) throw chandlerError('BucketReserved', { bucket: name })
  await database.transaction().execute(async (transaction) => {
    if (!(await lockBucket(transaction, actor.accountId, name, 'delete')))
      throw chandlerError('BucketNotFound', { bucket: name })
    const objects = await listObjectRows(transaction, actor.accountId, name, { limit: 1 })
    if (objects.length > 0) throw chandlerError('BucketNotEmpty', { bucket: name })
    await deleteRow(transaction, actor.accountId, name)
    await writeAudit(transaction, actor, 'DeleteBucket', `bucket/${name}`)
  })
}
