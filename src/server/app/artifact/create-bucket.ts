import { artifactBucket } from '../../../core/artifact/artifact-object.ts'
import { chandlerError } from '../../../core/error/errors.ts'
import { type BucketRow, insertBucket } from '../../../store/artifact/buckets.ts'
import { writeAudit } from '../access/write-audit.ts'
import type { Actor, AppContext } from '../context.ts'

/** @throws BucketNameTaken, BucketReserved */
export async function createBucket(
  { database, clock }: Pick<AppContext, 'database' | 'clock'>,
  actor: Actor,
  name: string,
): Promise<BucketRow> {
  if (name === artifactBucket) throw chandlerError('BucketReserved', { bucket: name })
  const bucket = { name, createdBy: actor.name, createdAt: new Date(clock.now()) }
  await database.transaction().execute(async (transaction) => {
    if (!(await insertBucket(transaction, actor.accountId, bucket)))
      throw chandlerError('BucketNameTaken', { bucket: name })
    await writeAudit(transaction, actor, 'CreateBucket', `bucket/${name}`)
  })
  return bucket
}
