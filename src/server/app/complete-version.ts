import type { Artifact, Configuration, ExtensionVersion } from '../../core/extension.ts'
import { makeVersionError, validateVersion } from '../../core/validate-version.ts'
import type { Connection } from '../../store/database.ts'
import type { Actor, AppContext } from './context.ts'
import { lockArtifacts } from './lock-artifacts.ts'

/** A version as it is asked for: configurations have no id yet, artifacts no size. */
export interface VersionRequest extends Pick<ExtensionVersion, 'versionDescription' | 'scope' | 'parameters'> {
  readonly configurations: readonly ConfigurationRequest[]
}
export type ConfigurationRequest = Omit<Configuration, 'id' | 'artifact'> & {
  readonly artifact?: Omit<Artifact, 'sizeBytes'> | undefined
}

export type CompleteVersion = Pick<ExtensionVersion, 'versionDescription' | 'scope' | 'parameters' | 'configurations'>

/**
 * The version as it is kept: configurations numbered c1, c2… in their order, artifacts with the size of their upload. For the
 * transaction that inserts it: until it ends no artifact of it is collected.
 * @throws ExtensionInvalid with every problem, ArtifactNotFound
 */
export async function completeVersion(
  context: Pick<AppContext, 'objects'>,
  transaction: Connection,
  actor: Actor,
  { versionDescription, scope, parameters, configurations }: VersionRequest,
): Promise<CompleteVersion> {
  const numbered = configurations.map((configuration, index) => ({ id: `c${index + 1}`, ...configuration }))
  const problems = validateVersion({ scope, parameters, configurations: numbered })
  if (problems.length > 0) throw makeVersionError(problems)
  const sha256s = numbered.flatMap(({ artifact }) => (artifact ? [artifact.sha256] : []))
  const artifacts = await lockArtifacts(context, transaction, actor, sha256s)
  return {
    versionDescription,
    scope,
    parameters,
    configurations: numbered.map(({ artifact, ...configuration }): Configuration => {
      const stored = artifact && artifacts.get(artifact.sha256)
      return artifact && stored
        ? { ...configuration, artifact: { ...artifact, sizeBytes: stored.sizeBytes } }
        : configuration
    }),
  }
}
