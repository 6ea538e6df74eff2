import { chandlerError } from '../../../core/error/errors.ts'
import type { StoredObject } from '../../../objects/object-store.ts'
import { lockArtifactsForUse } from '../../../store/artifact/artifacts.ts'
import type { Connection } from '../../../store/database/database.ts'
import type { Actor, AppContext } from '../context.ts'

/**
 * For the transaction that creates a version: the uploaded artifacts that it references, by sha256,
 * which cannot be collected before the transaction ends. Call `requireBytes` before it.
 * @throws ArtifactNotFound for the first that the actor's account has not uploaded
 */
export async function lockArtifacts(
  transaction: Connection,
  actor: Pick<Actor, 'accountId'>,
  sha256s: readonly string[],
): Promise<Map<string, StoredObject>> {
  const uploaded = await lockArtifactsForUse(transaction, actor.accountId, sha256s)
  const artifacts = new Map<string, StoredObject>()
  for (const sha256 of new Set(sha256s)) {
    const found = uploaded.get(sha256)
    if (found === undefined) throw chandlerError('ArtifactNotFound', { sha256 })
    artifacts.set(sha256, { sha256, ...found })
  }
  return artifacts
}

/**
 * Checks that the object store has the bytes, outside of any transaction, because the store may be slow. Bytes are
 * removed only after their rows, which `lockArtifacts` looks for.
 * @throws ArtifactNotFound for the first that is missing: after a crash during its upload, a row exists without bytes
 */
export async function requireBytes(
  { objects }: Pick<AppContext, 'objects'>,
  sha256s: readonly string[],
): Promise<void> {
  for (const sha256 of new Set(sha256s))
    if ((await objects.find(sha256)) === undefined) throw chandlerError('ArtifactNotFound', { sha256 })
}
