import { chandlerError } from '../../../core/error/errors.ts'
import type { StoredObject } from '../../../objects/object-store.ts'
import { updateArtifactAge } from '../../../store/artifact/artifacts.ts'
import type { Actor, AppContext } from '../context.ts'

/**
 * Whether the actor's account has uploaded these bytes, so that it need not again. Asking renews their age: they are not
 * collected before the version they are asked for is created.
 * @throws ArtifactNotFound, also when the bytes are gone though the account had uploaded them: uploading again heals that
 */
export async function findArtifact(
  { database, objects, clock }: Pick<AppContext, 'database' | 'objects' | 'clock'>,
  actor: Pick<Actor, 'accountId'>,
  sha256: string,
): Promise<StoredObject> {
  const row = await updateArtifactAge(database, actor.accountId, sha256, new Date(clock.now()))
  const found = row && (await objects.find(sha256))
  if (found === undefined) throw chandlerError('ArtifactNotFound', { sha256 })
  return found
}
