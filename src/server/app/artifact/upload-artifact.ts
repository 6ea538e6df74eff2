import type { Readable } from 'node:stream'
import { chandlerError } from '../../../core/error/errors.ts'
import { maxArtifactBytes } from '../../../core/limits.ts'
import { insertArtifact, lockArtifact } from '../../../store/artifact/artifacts.ts'
import { writeAudit } from '../access/write-audit.ts'
import type { Actor, AppContext } from '../context.ts'

export interface ArtifactUpload {
  readonly bytes: Readable
  /** The digest that the sender declares; lower-case hex. */
  readonly expectedSha256?: string | undefined
}

export interface StoredArtifact {
  readonly sha256: string
  readonly sizeBytes: number
  /**
   * This account had uploaded the same bytes before. Uploads of other accounts are not revealed.
   */
  readonly existed: boolean
}

/**
 * Stores the stream as an artifact of the actor's account. Keeps nothing if it rejects; for
 * resumable uploads see resume-upload.ts.
 * @throws ArtifactTooLarge, ArtifactEmpty, ArtifactDigestMismatch, ObjectStoreFull,
 * ObjectStoreUnavailable, or the stream's own error
 */
export async function uploadArtifact(
  { database, objects, clock }: Pick<AppContext, 'database' | 'objects' | 'clock'>,
  actor: Actor,
  { bytes, expectedSha256 }: ArtifactUpload,
): Promise<StoredArtifact> {
  const received = await objects.receive(bytes, maxArtifactBytes)
  try {
    const { sha256, sizeBytes } = received
    if (expectedSha256 !== undefined && expectedSha256 !== sha256)
      throw chandlerError('ArtifactDigestMismatch', { actual: sha256, expected: expectedSha256 })
    if (sizeBytes === 0) throw chandlerError('ArtifactEmpty', { fileName: 'request body' })
    // A new row first: from here on no collector removes these bytes, whether they are stored
    // already or not.
    const existed = await database.transaction().execute(async (transaction) => {
      await lockArtifact(transaction, sha256)
      const existed = await insertArtifact(transaction, actor.accountId, { sha256, sizeBytes }, new Date(clock.now()))
      if (!existed) await writeAudit(transaction, actor, 'UploadArtifact', `artifact/${sha256}`, { sizeBytes })
      return existed
    })
    await received.keep()
    return { sha256, sizeBytes, existed }
  } finally {
    await received.discard()
  }
}
