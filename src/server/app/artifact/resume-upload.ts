import type { Readable } from 'node:stream'
import { ChandlerError, chandlerError } from '../../../core/error/errors.ts'
import { makeUploadId } from '../../../core/id.ts'
import { maxArtifactBytes, maxOpenUploads, uploadKeptMs } from '../../../core/limits.ts'
import {
  deleteOldUploads,
  deleteUploadRow as deleteRow,
  insertUpload,
  touchUpload,
  type UploadRow,
  updateUploadFinished,
} from '../../../store/artifact/uploads.ts'
import type { Actor, AppContext } from '../context.ts'
import { type StoredArtifact, uploadArtifact } from './upload-artifact.ts'

/**
 * A resumable upload: continues after any interruption, and becomes an artifact when it is
 * finished.
 */
export interface UploadRecord {
  readonly id: string
  readonly sizeBytes: number
  /** Received bytes; the next piece starts there. */
  readonly offset: number
  /** When it is removed unless it is used again. */
  readonly expiresAt: Date
}

type Uploading = Pick<AppContext, 'database' | 'objects' | 'clock'>

/** @throws ArtifactTooLarge, ArtifactEmpty, UploadsTooMany */
export async function createUpload(
  { database, clock, random }: Uploading & Pick<AppContext, 'random'>,
  actor: Actor,
  sizeBytes: number,
): Promise<UploadRecord> {
  if (sizeBytes > maxArtifactBytes) throw chandlerError('ArtifactTooLarge', { maxBytes: maxArtifactBytes })
  if (sizeBytes === 0) throw chandlerError('ArtifactEmpty', { fileName: 'upload' })
  const at = new Date(clock.now())
  const id = makeUploadId(random)
  const upload = { id, accountId: actor.accountId, createdBy: actor.name, sizeBytes, at }
  if (!(await insertUpload(database, upload, maxOpenUploads)))
    throw chandlerError('UploadsTooMany', { max: maxOpenUploads })
  return { id, sizeBytes, offset: 0, expiresAt: expiryOf(at) }
}

/** @throws UploadNotFound */
export async function readUpload(context: Uploading, actor: Actor, id: string): Promise<UploadRecord> {
  const row = await reopenUpload(context, actor, id)
  const offset = row.sha256 === null ? await context.objects.drafts.size(id) : row.sizeBytes
  return { id, sizeBytes: row.sizeBytes, offset: Math.min(offset, row.sizeBytes), expiresAt: expiryOf(row.touchedAt) }
}

/**
 * Stores a piece, from an offset up to the received size. Received bytes are kept, also if the
 * sender disconnects.
 * @throws UploadNotFound, UploadOffsetWrong, ArtifactTooLarge beyond the announced size, or the
 * stream's own error
 */
export async function appendUpload(
  context: Uploading,
  actor: Actor,
  id: string,
  { offset, bytes }: { readonly offset: number; readonly bytes: Readable },
): Promise<UploadRecord> {
  const row = await reopenUpload(context, actor, id)
  // Another request has finished it: nothing is missing.
  if (row.sha256 === null) await context.objects.drafts.append(id, offset, bytes, row.sizeBytes)
  return readUpload(context, actor, id)
}

/**
 * Converts it to an artifact. Idempotent.
 * @throws UploadNotFound, UploadIncomplete; ArtifactDigestMismatch, after which the upload has to
 * be restarted
 */
export async function finishUpload(
  context: Uploading,
  actor: Actor,
  id: string,
  expectedSha256: string | undefined,
): Promise<StoredArtifact> {
  const { sizeBytes, sha256: finished } = await reopenUpload(context, actor, id)
  if (finished !== null) return { sha256: finished, sizeBytes, existed: true }
  const { drafts } = context.objects
  const received = await drafts.size(id)
  if (received < sizeBytes) throw chandlerError('UploadIncomplete', { id, received, sizeBytes })
  const bytes = drafts.read(id)
  try {
    const artifact = await uploadArtifact(context, actor, { bytes, expectedSha256 })
    await updateUploadFinished(context.database, actor.accountId, id, artifact.sha256)
    await drafts.remove(id)
    return artifact
  } catch (error) {
    if (error instanceof ChandlerError && error.code === 'ArtifactDigestMismatch') await forget(context, actor, id)
    throw error
  } finally {
    bytes.destroy()
  }
}

/** @throws UploadNotFound */
export async function deleteUpload(context: Uploading, actor: Actor, id: string): Promise<void> {
  if (!(await forget(context, actor, id))) throw chandlerError('UploadNotFound', { id })
}

/**
 * Deletes abandoned uploads. The object store removes the files of uploads that another server
 * deleted.
 */
export async function collectUploads({ database, objects, clock }: Uploading): Promise<number> {
  const ids = await deleteOldUploads(database, new Date(clock.now() - uploadKeptMs))
  for (const id of ids) await objects.drafts.remove(id)
  return ids.length
}

async function forget({ database, objects }: Uploading, { accountId }: Actor, id: string): Promise<boolean> {
  const known = await deleteRow(database, accountId, id)
  if (known) await objects.drafts.remove(id)
  return known
}

async function reopenUpload({ database, clock }: Uploading, { accountId }: Actor, id: string): Promise<UploadRow> {
  const row = await touchUpload(database, accountId, id, new Date(clock.now()))
  if (!row) throw chandlerError('UploadNotFound', { id })
  return row
}

const expiryOf = (touchedAt: Date) => new Date(touchedAt.getTime() + uploadKeptMs)
