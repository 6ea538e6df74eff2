import { chandlerError } from '../../../core/error/errors.ts'
import type { StoredObject } from '../../../objects/object-store.ts'
import { lockArtifactsForUse } from '../../../store/artifact/artifacts.ts'
import type { Connection } from '../../../store/database/database.ts'
import type { Actor, AppContext } from '../context.ts'

/**
 * For the transaction that creates a version: the uploaded artifacts that it references, by sha256,
 * which cannot be collected before the transaction ends.
 * @throws ArtifactNotFound for the first that the actor's account has not uploaded, or whose bytes
 * are missing
 */
export async function lockArtifacts(
  { objects }: Pick<AppContext, 'objects'>,
  transaction: Connection,
  actor: Pick<Actor, 'accountId'>,
  sha256s: readonly string[],
): Promise<Map<string, StoredObject>> {
  const uploaded = await lockArtifactsForUse(transaction, actor.accountId, sha256s)
  const artifacts = new Map<string, StoredObject>()
  for (const sha256 of new Set(sha256s)) {
    const found = uploaded.has(sha256) ? await objects.find(sha256) : undefined
    if (found === undefined) throw chandlerError('ArtifactNotFound', { sha256 })
    artifacts.set(sha256, found)
  }
  return artifacts
}
