import { artifactBucket } from '../../core/artifact-object.ts'
import { chandlerError } from '../../core/errors.ts'
import { deleteBucket as deleteRow, lockBucket } from '../../store/buckets.ts'
import { listObjects } from '../../store/objects.ts'
import type { Actor, AppContext } from './context.ts'
import { writeAudit } from './write-audit.ts'

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
    const objects = await listObjects(transaction, actor.accountId, name, { limit: 1 })
    if (objects.length > 0) throw chandlerError('BucketNotEmpty', { bucket: name })
    await deleteRow(transaction, actor.accountId, name)
    await writeAudit(transaction, actor, 'DeleteBucket', `bucket/${name}`)
  })
}
