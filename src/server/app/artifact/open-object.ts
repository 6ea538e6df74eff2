import { artifactBucket, parseArtifactKey } from '../../../core/artifact/artifact-object.ts'
import type { ObjectName } from '../../../core/artifact/object-name.ts'
import { chandlerError } from '../../../core/error/errors.ts'
import { updateArtifactAge } from '../../../store/artifact/artifacts.ts'
import { listObjectsByName } from '../../../store/artifact/objects.ts'
import type { Actor, AppContext } from '../context.ts'
import type { OpenedArtifact } from './open-artifact.ts'

/**
 * The current bytes of an object. @throws ObjectNotFound, also if its bytes are missing;
 * ObjectStoreUnavailable
 */
export async function openObject(
  { database, objects, clock }: Pick<AppContext, 'database' | 'objects' | 'clock'>,
  actor: Actor,
  name: ObjectName,
): Promise<OpenedArtifact> {
  const sha256 = await findSha256()
  const found = sha256 && (await objects.find(sha256))
  if (!found) throw chandlerError('ObjectNotFound', { ...name })
  return { ...found, read: (range) => objects.read(found.sha256, range) }

  async function findSha256(): Promise<string | undefined> {
    if (name.bucket !== artifactBucket) return (await listObjectsByName(database, actor.accountId, [name]))[0]?.sha256
    // Only the account's own upload counts; reading resets the artifact's age.
    const named = parseArtifactKey(name.key)
    const now = new Date(clock.now())
    return named && (await updateArtifactAge(database, actor.accountId, named.sha256, now)) && named.sha256
  }
}
