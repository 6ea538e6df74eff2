import { artifactBucket } from '../../../core/artifact/artifact-object.ts'
import type { ObjectName } from '../../../core/artifact/object-name.ts'
import { chandlerError } from '../../../core/error/errors.ts'
import { deleteObjectRow as deleteRow } from '../../../store/artifact/objects.ts'
import { writeAudit } from '../access/write-audit.ts'
import type { Actor, AppContext } from '../context.ts'

/**
 * Removes the object; versions that were created with it keep their artifact. @throws
 * ObjectNotFound, BucketReserved
 */
export async function deleteObject(
  { database }: Pick<AppContext, 'database'>,
  actor: Actor,
  name: ObjectName,
): Promise<void> {
  if (name.bucket === artifactBucket) throw chandlerError('BucketReserved', { bucket: name.bucket })
  await database.transaction().execute(async (transaction) => {
    if (!(await deleteRow(transaction, actor.accountId, name))) throw chandlerError('ObjectNotFound', { ...name })
    await writeAudit(transaction, actor, 'DeleteObject', `object/${name.bucket}/${name.key}`)
  })
}
