import { findArchMismatch } from '../../../core/artifact/package-arch.ts'
import { ChandlerError } from '../../../core/error/errors.ts'
import { makeVersionError, type VersionProblem, validateVersion } from '../../../core/extension/validate-version.ts'
import { listObjectsByName } from '../../../store/artifact/objects.ts'
import { requireBytes } from '../artifact/lock-artifacts.ts'
import { type ArtifactMetadata, readArtifactMetadata } from '../artifact/read-artifact-metadata.ts'
import type { Actor, AppContext } from '../context.ts'
import type { ConfigurationRequest, VersionRequest } from './complete-version.ts'

/**
 * Files that a package manager installs: every instance would refuse one for another architecture.
 */
const packageKinds: ReadonlySet<string> = new Set(['deb', 'rpm', 'msi'])

/**
 * Refuses packages for another architecture than their configuration's, and artifacts without bytes. Reads from the
 * object store, so it runs before the transaction that creates the version. Returns the request with the checked
 * digests: an object that changes in between is an error of `completeVersion`, as are artifacts that
 * the account has not uploaded.
 * @throws ExtensionInvalid with every such package, ArtifactNotFound
 */
export async function checkPackages<Request extends VersionRequest>(
  context: Pick<AppContext, 'database' | 'objects' | 'clock'>,
  actor: Pick<Actor, 'accountId'>,
  request: Request,
): Promise<Request> {
  const { scope, parameters } = request
  const drafts = request.configurations.map((configuration, index) => ({ id: `c${index + 1}`, ...configuration }))
  // `completeVersion` reports problems that do not depend on the packages.
  if (validateVersion({ scope, parameters, configurations: drafts }).length > 0) return request
  const configurations = await resolveDigests(context, actor, request.configurations)
  const problems: VersionProblem[] = []
  const read = new Map<string, ArtifactMetadata | undefined>()
  for (const [index, { artifact, arch }] of configurations.entries()) {
    const sha256 = artifact?.sha256
    if (sha256 === undefined || !packageKinds.has(artifact?.kind ?? '')) continue
    if (!read.has(sha256)) read.set(sha256, await readUploaded(context, actor, sha256))
    const facts = read.get(sha256)?.facts
    const mismatch = facts && findArchMismatch(facts.architecture, arch)
    if (mismatch === undefined) continue
    const message = `artifact ${artifact?.fileName}: ${mismatch}`
    problems.push({ code: 'ExtensionInvalid', path: ['configurations', index, 'artifact'], message })
  }
  if (problems.length > 0) throw makeVersionError(problems)
  await requireBytes(
    context,
    configurations.flatMap(({ artifact }) => artifact?.sha256 ?? []),
  )
  return { ...request, configurations }
}

/** Sets the current digest of artifacts that are named by an object. */
async function resolveDigests(
  { database }: Pick<AppContext, 'database'>,
  { accountId }: Pick<Actor, 'accountId'>,
  configurations: readonly ConfigurationRequest[],
): Promise<readonly ConfigurationRequest[]> {
  const named = configurations.flatMap(({ artifact }) =>
    artifact?.object && artifact.sha256 === undefined ? [artifact.object] : [],
  )
  if (named.length === 0) return configurations
  const rows = await listObjectsByName(database, accountId, named)
  const digests = new Map(rows.map(({ bucket, key, sha256 }) => [`${bucket}/${key}`, sha256]))
  return configurations.map((configuration) => {
    const { artifact } = configuration
    if (!artifact?.object || artifact.sha256 !== undefined) return configuration
    const sha256 = digests.get(`${artifact.object.bucket}/${artifact.object.key}`)
    return sha256 === undefined ? configuration : { ...configuration, artifact: { ...artifact, sha256 } }
  })
}

async function readUploaded(
  context: Pick<AppContext, 'database' | 'objects' | 'clock'>,
  actor: Pick<Actor, 'accountId'>,
  sha256: string,
): Promise<ArtifactMetadata | undefined> {
  try {
    return await readArtifactMetadata(context, actor, sha256)
  } catch (error) {
    if (error instanceof ChandlerError && error.code === 'ArtifactNotFound') return undefined
    throw error
  }
}
