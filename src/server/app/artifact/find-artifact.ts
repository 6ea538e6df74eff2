import { chandlerError } from '../../../core/error/errors.ts'
import type { StoredObject } from '../../../objects/object-store.ts'
import { updateArtifactAge } from '../../../store/artifact/artifacts.ts'
import type { Actor, AppContext } from '../context.ts'

/**
 * Whether the actor's account has uploaded these bytes, so that another upload is unnecessary. The
 * request resets their age, so that they are not collected before the version is created.
 * @throws ArtifactNotFound, also if the account had uploaded the bytes and they are missing:
 * uploading again repairs that
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
