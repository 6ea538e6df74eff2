/**
 * The content of a template of type Package, as OOS clients send it. Types match
 * core/package-content; a property test compares them.
 */
import { z } from 'zod'
import { actions, artifactKinds, parameterTypes } from '../core/extension/extension.ts'
import { maxConfigurationsPerVersion, maxDescriptionLength } from '../core/limits.ts'
import { type PackageContent, packageFormatVersion } from '../core/oos-template/package-content.ts'
import {
  artifactSchema,
  parameterDeclarationSchema,
  platformSchema,
  runOptionsSchema,
  scopeSchema,
  scriptsSchema,
  sha256Schema,
  verifyCheckSchema,
} from './configuration.ts'

const words = z.union([z.string().max(maxDescriptionLength), z.record(z.string().max(64), z.unknown())])
const declaration = parameterDeclarationSchema.shape

const parameterContentSchema = z.strictObject({
  Type: z
    .enum(parameterTypes, `must be ${parameterTypes.join(', ')}: scripts get parameters as single values`)
    .default('String'),
  Description: words.optional(),
  Label: words.optional(),
  Default: declaration.default,
  AllowedValues: declaration.allowedValues,
  AllowedPattern: declaration.pattern,
  MinValue: declaration.min,
  MaxValue: declaration.max,
  MinLength: declaration.minLength,
  MaxLength: declaration.maxLength,
  ConstraintDescription: words.optional(),
  NoEcho: declaration.noEcho,
  Actions: z.array(z.enum(actions)).min(1).optional(),
  AssociationProperty: z.unknown().optional(),
  AssociationPropertyMetadata: z.unknown().optional(),
})

const scope = scopeSchema.shape
const constraintsSchema = z.strictObject({
  InstanceTypeFamilies: scope.instanceFamilies,
  ImageTypes: scope.imageTypes,
  OSPlatforms: z.array(z.string().min(1).max(64)).max(256).optional(),
  OSVersions: z.array(z.string().min(1).max(256)).max(256).optional(),
  Platforms: scope.platforms,
})

/** One string, or a list of strings. */
const listOf = (text: z.ZodType<string>) =>
  z.preprocess((value) => (typeof value === 'string' ? [value] : value), z.array(text).max(256).optional())
/** YAML parses 22.10 as the number 22.1. */
const versionText = z.string('must be text; in YAML, put the version in quotes').min(1).max(256)

const script = z.union([z.literal(''), scriptsSchema.shape.install])
const configurationContentSchema = z.strictObject({
  OSType: z.string().max(16).optional(),
  Platform: listOf(z.string().min(1).max(64)),
  PlatformVersion: listOf(versionText),
  Platforms: z.array(platformSchema).min(1).max(256).optional(),
  Architecture: z.string().min(1).max(32).optional(),
  BucketName: z.string().max(63).optional(),
  ObjectName: z.string().max(2_048).optional(),
  Artifact: z
    .strictObject({
      sha256: sha256Schema.optional(),
      fileName: artifactSchema.shape.fileName.optional(),
      kind: z.enum(artifactKinds).optional(),
    })
    .optional(),
  InstallScript: script.optional(),
  UninstallScript: script.optional(),
  UpdateScript: script.optional(),
  OutputScript: script.optional(),
  VerifyChecks: z.array(verifyCheckSchema).max(64).optional(),
  RunOptions: runOptionsSchema.prefault({}),
})

/** The name of the list of configurations is not documented (reference §11): these are accepted. */
const configurationLists = ['Packages', 'Package', 'Configurations'] as const

/**
 * Fields that OOS knows in templates of other types and that have no effect here: stored with the
 * content and ignored.
 */
const ignored = { Metadata: z.unknown().optional(), Outputs: z.unknown().optional(), RamRole: z.unknown().optional() }

const contentSchema = z.strictObject({
  FormatVersion: z.literal(packageFormatVersion),
  Description: words.optional(),
  Parameters: z.record(z.string().max(128), parameterContentSchema).optional(),
  Constraints: constraintsSchema.optional(),
  Packages: z.array(configurationContentSchema).min(1).max(maxConfigurationsPerVersion),
  ...ignored,
})

export const packageContentSchema: z.ZodType<PackageContent> = z.preprocess(
  (value) => renameConfigurationList(dropNulls(value)),
  contentSchema,
)

function renameConfigurationList(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  const present = configurationLists.filter((name) => Object.hasOwn(value, name))
  const [name] = present
  if (present.length !== 1 || name === undefined || name === 'Packages') return value
  const { [name]: configurations, ...rest } = value as Record<string, unknown>
  return { ...rest, Packages: [configurations].flat() }
}

/** `Description:` without a value means "none". */
function dropNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(dropNulls)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, field]) => field !== null)
      .map(([name, field]) => [name, dropNulls(field)]),
  )
}
