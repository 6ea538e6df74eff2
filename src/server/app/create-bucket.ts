import { artifactBucket } from '../../core/artifact-object.ts'
import { chandlerError } from '../../core/errors.ts'
import { type BucketRow, insertBucket } from '../../store/buckets.ts'
import type { Actor, AppContext } from './context.ts'
import { writeAudit } from './write-audit.ts'

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
