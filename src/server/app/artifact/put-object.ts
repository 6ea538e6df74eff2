import { artifactBucket } from '../../../core/artifact/artifact-object.ts'
import type { ObjectName } from '../../../core/artifact/object-name.ts'
import { chandlerError } from '../../../core/error/errors.ts'
import { getBucket, lockBucket } from '../../../store/artifact/buckets.ts'
import { type ObjectRow, upsertObject } from '../../../store/artifact/objects.ts'
import { writeAudit } from '../access/write-audit.ts'
import type { Actor, AppContext } from '../context.ts'
import { lockArtifacts, requireBytes } from './lock-artifacts.ts'
import { type ArtifactUpload, uploadArtifact } from './upload-artifact.ts'

type Context = Pick<AppContext, 'database' | 'objects' | 'clock'>

/**
 * Stores the stream as an object and replaces an existing one. Versions keep the artifacts that
 * they were created with.
 * @throws BucketNotFound and BucketReserved, before a byte is read; errors of `uploadArtifact`
 */
export async function putObject(
  context: Context,
  actor: Actor,
  name: ObjectName,
  upload: ArtifactUpload,
): Promise<ObjectRow> {
  refuseReserved(name)
  if (!(await getBucket(context.database, actor.accountId, name.bucket))) throw notFound(name)
  const { sha256 } = await uploadArtifact(context, actor, upload)
  return nameArtifact(context, actor, name, sha256)
}

/**
 * Names an uploaded artifact in a bucket.
 * @throws BucketNotFound, BucketReserved, ArtifactNotFound
 */
export async function nameArtifact(
  context: Context,
  actor: Actor,
  name: ObjectName,
  sha256: string,
): Promise<ObjectRow> {
  refuseReserved(name)
  await requireBytes(context, [sha256])
  return context.database.transaction().execute(async (transaction) => {
    if (!(await lockBucket(transaction, actor.accountId, name.bucket, 'use'))) throw notFound(name)
    const artifact = (await lockArtifacts(transaction, actor, [sha256])).get(sha256)
    const sizeBytes = artifact?.sizeBytes ?? 0
    const object = { ...name, sha256, sizeBytes, updatedAt: new Date(context.clock.now()) }
    await upsertObject(transaction, actor.accountId, object)
    await writeAudit(transaction, actor, 'PutObject', `object/${name.bucket}/${name.key}`, { sha256, sizeBytes })
    return object
  })
}

function refuseReserved({ bucket }: ObjectName): void {
  if (bucket === artifactBucket) throw chandlerError('BucketReserved', { bucket })
}

const notFound = ({ bucket }: ObjectName) => chandlerError('BucketNotFound', { bucket })
