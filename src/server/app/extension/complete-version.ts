import { chandlerError } from '../../../core/error/errors.ts'
import type { Artifact, Configuration, ExtensionVersion } from '../../../core/extension/extension.ts'
import { makeVersionError, validateVersion } from '../../../core/extension/validate-version.ts'
import type { PackageArtifact } from '../../../core/oos-template/package-content.ts'
import { listObjectsByName } from '../../../store/artifact/objects.ts'
import type { Connection } from '../../../store/database/database.ts'
import { lockArtifacts } from '../artifact/lock-artifacts.ts'
import type { Actor } from '../context.ts'

/**
 * A requested version: configurations have no id yet, artifacts no size, and those named by an
 * object possibly no sha256.
 */
export interface VersionRequest extends Pick<ExtensionVersion, 'versionDescription' | 'scope' | 'parameters'> {
  readonly configurations: readonly ConfigurationRequest[]
}
export type ConfigurationRequest = Omit<Configuration, 'id' | 'artifact'> & {
  readonly artifact?: PackageArtifact | undefined
}

export type CompleteVersion = Pick<ExtensionVersion, 'versionDescription' | 'scope' | 'parameters' | 'configurations'>

/**
 * The version to store: configurations numbered c1, c2… in their order, artifacts with the current
 * bytes of their objects and the size of their upload. For the transaction that inserts it: none of
 * its artifacts is collected until it ends.
 * @throws ExtensionInvalid with every problem, ObjectNotFound, ObjectChanged, ArtifactNotFound
 */
export async function completeVersion(
  transaction: Connection,
  actor: Actor,
  { versionDescription, scope, parameters, configurations }: VersionRequest,
): Promise<CompleteVersion> {
  const numbered = configurations.map((configuration, index) => ({ id: `c${index + 1}`, ...configuration }))
  const problems = validateVersion({ scope, parameters, configurations: numbered })
  if (problems.length > 0) throw makeVersionError(problems)
  const resolve = await resolveObjects(
    transaction,
    actor,
    numbered.flatMap(({ artifact }) => artifact ?? []),
  )
  const resolved = numbered.map(({ artifact, ...rest }) => ({ ...rest, artifact: artifact && resolve(artifact) }))
  const sha256s = resolved.flatMap(({ artifact }) => (artifact ? [artifact.sha256] : []))
  const artifacts = await lockArtifacts(transaction, actor, sha256s)
  return {
    versionDescription,
    scope,
    parameters,
    configurations: resolved.map(({ artifact, ...configuration }): Configuration => {
      const stored = artifact && artifacts.get(artifact.sha256)
      return artifact && stored
        ? { ...configuration, artifact: { ...artifact, sizeBytes: stored.sizeBytes } }
        : configuration
    }),
  }
}

/**
 * The identity of an artifact's bytes: its sha256, or else that of its object. Loads all objects at
 * once.
 */
async function resolveObjects(
  transaction: Connection,
  actor: Actor,
  artifacts: readonly PackageArtifact[],
): Promise<(artifact: PackageArtifact) => Omit<Artifact, 'sizeBytes'>> {
  const named = artifacts.flatMap(({ object }) => object ?? [])
  const rows = named.length > 0 ? await listObjectsByName(transaction, actor.accountId, named) : []
  const sha256s = new Map(rows.map(({ bucket, key, sha256 }) => [`${bucket}/${key}`, sha256]))
  return ({ object, sha256, ...artifact }) => {
    if (!object) {
      if (sha256 === undefined) throw new Error(`the artifact ${artifact.fileName} has neither a sha256 nor an object`)
      return { ...artifact, sha256 }
    }
    const actual = sha256s.get(`${object.bucket}/${object.key}`)
    if (actual === undefined) throw chandlerError('ObjectNotFound', { ...object })
    if (sha256 !== undefined && sha256 !== actual)
      throw chandlerError('ObjectChanged', { ...object, actual, expected: sha256 })
    return { ...artifact, object, sha256: actual }
  }
}
