import { inferArtifactKind } from '../artifact/artifact-kind.ts'
import { artifactBucket, fileNameOf, parseArtifactKey, validateObjectKey } from '../artifact/artifact-object.ts'
import type { ExtensionType } from '../extension/extension.ts'
import type { OsFamily } from '../instance/facts.ts'
import { maxDescriptionLength } from '../limits.ts'
import { dropAbsent, readParameter, readWords } from './content-parameters.ts'
import { readConfigurationPlatforms, readScopePlatforms } from './content-platforms.ts'
import type {
  ConfigurationContent,
  ContentProblem,
  PackageArtifact,
  PackageConfiguration,
  PackageContent,
  PackageVersion,
  Words,
} from './package-content.ts'

/**
 * Category names on the wire: `application` is documented (reference §1.1), the others follow its
 * form.
 */
export const categories: Readonly<Record<ExtensionType, string>> = {
  Driver: 'driver',
  PerformanceAcceleration: 'performance-acceleration',
  Agent: 'agent',
  Application: 'application',
}

/**
 * Parses a content, or returns all its problems. `validateVersion` validates the resulting version
 * (ranges, configurations that fit the same instance), as for every other version.
 */
export function readPackageContent(
  content: PackageContent,
): { readonly version: PackageVersion } | { readonly problems: readonly ContentProblem[] } {
  const { Description = '', Parameters = {}, Constraints = {}, Packages } = content
  const scopePlatforms = readScopePlatforms(Constraints)
  const entries = Packages.map(readConfigurationContent)
  const description = readWords(Description)
  const problems: ContentProblem[] = [
    ...(description.length > maxDescriptionLength
      ? [{ path: ['Description'], message: `has ${description.length} letters; ${maxDescriptionLength} are allowed` }]
      : []),
    ...('problems' in scopePlatforms ? placeWithin(['Constraints'], scopePlatforms.problems) : []),
    ...entries.flatMap((entry, index) => ('problems' in entry ? placeWithin(['Packages', index], entry.problems) : [])),
  ]
  if (problems.length > 0) return { problems }
  return {
    version: {
      type: readType(Description),
      description,
      scope: dropAbsent({
        instanceFamilies: Constraints.InstanceTypeFamilies,
        imageTypes: Constraints.ImageTypes,
        platforms: 'platforms' in scopePlatforms ? scopePlatforms.platforms : undefined,
      }),
      parameters: Object.fromEntries(
        Object.entries(Parameters).map(([name, parameter]) => [name, readParameter(parameter)]),
      ),
      configurations: entries.flatMap((entry) => ('configuration' in entry ? [entry.configuration] : [])),
    },
  }
}

const placeWithin = (path: readonly (string | number)[], problems: readonly ContentProblem[]) =>
  problems.map((problem) => ({ ...problem, path: [...path, ...problem.path] }))

/** The first known category; an extension without one is an application. */
function readType(description: Words): ExtensionType {
  const listed = typeof description === 'string' ? [] : [description.categories].flat()
  const named = Object.entries(categories).find(([, word]) => word === listed.find(isCategory))
  return (named?.[0] as ExtensionType | undefined) ?? 'Application'
}

const isCategory = (value: unknown) => Object.values(categories).some((word) => word === value)

function readConfigurationContent(
  entry: ConfigurationContent,
): { readonly configuration: PackageConfiguration } | { readonly problems: readonly ContentProblem[] } {
  const platforms = readConfigurationPlatforms(entry)
  const artifact = readArtifact(entry)
  const os = readOs(entry)
  const problems = [platforms, artifact, os].flatMap((part) => ('problem' in part ? [part.problem] : []))
  if ('problem' in platforms || 'problem' in artifact || 'problem' in os) return { problems }
  return {
    configuration: dropAbsent({
      os: os.family,
      arch: entry.Architecture === undefined || entry.Architecture === '*' ? 'any' : entry.Architecture,
      platforms: platforms.platforms,
      artifact: artifact.artifact,
      scripts: dropAbsent({
        install: entry.InstallScript || undefined,
        uninstall: entry.UninstallScript || undefined,
        update: entry.UpdateScript || undefined,
        output: entry.OutputScript || undefined,
      }),
      verify: entry.VerifyChecks ?? [],
      run: entry.RunOptions,
    }),
  }
}

/** Without OSType: Windows if all platforms are. */
function readOs({
  OSType,
  Platform = [],
}: ConfigurationContent): { readonly family: OsFamily } | { readonly problem: ContentProblem } {
  switch (OSType?.toLowerCase()) {
    case 'linux':
      return { family: 'linux' }
    case 'windows':
      return { family: 'windows' }
    case undefined: {
      const isWindows = Platform.length > 0 && Platform.every((name) => /^windows/i.test(name))
      return { family: isWindows ? 'windows' : 'linux' }
    }
    default:
      return { problem: { path: ['OSType'], message: 'is neither linux nor windows' } }
  }
}

function readArtifact({
  BucketName,
  ObjectName,
  Artifact,
}: ConfigurationContent): { readonly artifact: PackageArtifact | undefined } | { readonly problem: ContentProblem } {
  const bucket = BucketName || undefined
  const key = ObjectName || undefined
  const refuse = (field: string, message: string) => ({ problem: { path: [field], message } })
  if (bucket === undefined && key === undefined)
    return Artifact
      ? refuse('Artifact', 'says more of an object that BucketName and ObjectName do not name')
      : { artifact: undefined }
  if (bucket === undefined) return refuse('BucketName', 'is missing; ObjectName needs it')
  if (key === undefined) return refuse('ObjectName', 'is missing; BucketName needs it')
  if (bucket === artifactBucket) {
    const named = parseArtifactKey(key)
    if (!named) return refuse('ObjectName', `is no key of ${artifactBucket}; they are SHA256/FILENAME`)
    if (Artifact?.sha256 !== undefined && Artifact.sha256 !== named.sha256)
      return refuse('Artifact', 'has another sha256 than ObjectName')
    const fileName = Artifact?.fileName ?? named.fileName
    return { artifact: { sha256: named.sha256, fileName, kind: Artifact?.kind ?? inferArtifactKind(fileName) } }
  }
  const problem = validateObjectKey(key)
  if (problem !== undefined) return refuse('ObjectName', problem)
  const fileName = Artifact?.fileName ?? fileNameOf(key)
  if (fileName === '' || fileName.length > 255)
    return refuse('ObjectName', 'does not end with a file name of at most 255 letters')
  return {
    artifact: dropAbsent({
      object: { bucket, key },
      sha256: Artifact?.sha256,
      fileName,
      kind: Artifact?.kind ?? inferArtifactKind(fileName),
    }),
  }
}
