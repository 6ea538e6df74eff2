import { z } from 'zod'
import { parseVersionReference } from '../../core/extension/channel.ts'
import { artifactKinds, extensionTypes } from '../../core/extension/extension.ts'
import {
  maxArtifactBytes,
  maxConfigurationsPerVersion,
  maxDescriptionLength,
  maxExtensionNameLength,
  maxParameters,
} from '../../core/limits.ts'
import { tagsSchema } from '../agent-messages.ts'
import {
  artifactSchema,
  configurationSchema,
  parameterDeclarationSchema,
  platformSchema,
  runOptionsSchema,
  scopeSchema,
  scriptsSchema,
  sha256Schema,
  verifyCheckSchema,
} from '../configuration.ts'
import { instantSchema } from './page.ts'

/** Longer than a valid name: the use case reports an invalid one, with a better message. */
export const extensionNameSchema = z
  .string()
  .min(1)
  .max(maxExtensionNameLength + 56)
/** `v3` or `3`. */
export const versionLabelSchema = z.string().regex(/^[vV]?[1-9][0-9]{0,8}$/)
/** A version to install: `v3` or `3`, `latest`, or a channel such as `stable`. */
export const versionReferenceSchema = z
  .string()
  .max(64)
  .refine((text) => parseVersionReference(text) !== undefined, 'must be vN, latest or the name of a channel')

const parametersSchema = z
  .record(z.string(), parameterDeclarationSchema)
  .refine((parameters) => Object.keys(parameters).length <= maxParameters, `has more than ${maxParameters} parameters`)

/**
 * A configuration as sent: the server numbers it and adds the metadata of the uploaded artifact.
 */
const configurationInputSchema = z.strictObject({
  os: configurationSchema.shape.os,
  arch: configurationSchema.shape.arch.default('any'),
  platforms: z.array(platformSchema).min(1).max(256).optional(),
  artifact: artifactSchema.pick({ sha256: true, fileName: true, kind: true }).optional(),
  scripts: scriptsSchema.default({}),
  verify: z.array(verifyCheckSchema).max(64).default([]),
  run: runOptionsSchema.prefault({}),
})

/** POST /extensions/{name}/versions, and the version part of POST /extensions. */
export const versionInputSchema = z
  .strictObject({
    versionDescription: z.string().max(maxDescriptionLength).default(''),
    scope: scopeSchema.default({}),
    parameters: parametersSchema.default({}),
    configurations: z.array(configurationInputSchema).min(1).max(maxConfigurationsPerVersion),
  })
  .meta({ id: 'VersionRequest' })
export type VersionInput = z.infer<typeof versionInputSchema>

export const extensionInputSchema = versionInputSchema
  .extend({
    name: extensionNameSchema,
    type: z.enum(extensionTypes).default('Application'),
    description: z.string().max(maxDescriptionLength).default(''),
  })
  .meta({ id: 'ExtensionRequest' })
export type ExtensionInput = z.infer<typeof extensionInputSchema>

/** PATCH /extensions/{name}: description and tags. `tags` replaces all tags. */
export const extensionPatchSchema = z.strictObject({
  tags: tagsSchema.optional(),
  resourceGroup: z.string().max(64).optional(),
})
export type ExtensionPatch = z.infer<typeof extensionPatchSchema>

export const extensionSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    type: z.enum(extensionTypes),
    description: z.string(),
    latestVersion: z.string(),
    /** Versions by channel. */
    channels: z.record(z.string(), z.string()).default({}),
    createdAt: instantSchema,
    updatedAt: instantSchema,
    createdBy: z.string(),
    updatedBy: z.string(),
    tags: z.record(z.string(), z.string()),
    resourceGroup: z.string(),
    /** Number of instances by version. */
    installedOn: z.record(z.string(), z.int()),
    /** Number of instances where a change did not complete; `installedOn` does not include them. */
    brokenOn: z.int(),
  })
  .meta({ id: 'Extension' })
export type ExtensionView = z.infer<typeof extensionSchema>

export const extensionVersionSchema = z
  .object({
    extension: z.string(),
    version: z.string(),
    versionDescription: z.string(),
    deprecated: z.boolean(),
    createdAt: instantSchema,
    scope: scopeSchema,
    parameters: z.record(z.string(), parameterDeclarationSchema),
    configurations: z.array(configurationSchema),
  })
  .meta({ id: 'ExtensionVersion' })
export type VersionView = z.infer<typeof extensionVersionSchema>

/** Answer of POST /extensions and POST /extensions/{name}/versions. */
export const createdVersionSchema = z.object({ name: z.string(), version: z.string() }).meta({ id: 'CreatedVersion' })
export type CreatedVersion = z.infer<typeof createdVersionSchema>

/** PUT /extensions/{name}/channels/{channel}. */
export const promotionInputSchema = z.strictObject({ version: versionLabelSchema }).meta({ id: 'PromotionRequest' })
export const promotionSchema = z
  .object({
    extension: z.string(),
    channel: z.string(),
    version: z.string(),
    previous: z.string().optional().describe('The version before; absent: the channel is new.'),
  })
  .meta({ id: 'Promotion' })

/**
 * Answer of PUT /artifacts (body = the bytes). Uploading the same bytes again stores nothing new.
 */
export const uploadedArtifactSchema = z
  .object({ sha256: sha256Schema, sizeBytes: z.int().min(1).max(maxArtifactBytes), existed: z.boolean() })
  .meta({ id: 'UploadedArtifact' })
export type UploadedArtifact = z.infer<typeof uploadedArtifactSchema>

/**
 * POST /extensions/lint: an ExtensionRequest (without a name: the next version of an extension),
 * complete or not.
 */
export const lintInputSchema = extensionInputSchema.partial({ name: true }).meta({ id: 'LintRequest' })

/** Problems by field; positions in a script count from 1. */
export const lintSchema = z
  .object({
    problems: z.array(
      z.object({
        path: z.array(z.union([z.string(), z.int()])),
        severity: z.enum(['error', 'warning']),
        message: z.string(),
        line: z.int().optional(),
        column: z.int().optional(),
      }),
    ),
  })
  .meta({ id: 'Lint' })

/** GET /extensions/{name}/coverage. */
export const coverageSchema = z
  .object({
    /** Versions that any instance has, newest first. */
    versions: z.array(z.object({ version: z.string(), installed: z.int(), broken: z.int() })),
    /** Number of instances of the account. */
    instances: z.int(),
  })
  .meta({ id: 'Coverage' })

/** POST /uploads: starts a resumable upload of an artifact. */
export const uploadInputSchema = z.strictObject({ sizeBytes: z.int().min(1).max(maxArtifactBytes) })

export const uploadSchema = z
  .object({
    id: z.string(),
    sizeBytes: z.int(),
    /** Bytes received; the next chunk starts there. */
    offset: z.int(),
    /** Expiry of an idle upload. */
    expiresAt: instantSchema,
  })
  .meta({ id: 'Upload' })
export type UploadView = z.infer<typeof uploadSchema>

/** POST /uploads/{id}/finish: with a sha256, the server refuses corrupt bytes. */
export const finishUploadSchema = z.strictObject({ sha256: sha256Schema.optional() })

/** GET /artifacts/{sha256}/metadata. */
export const artifactMetadataSchema = z
  .object({
    /** Detected by the first bytes; `file` means any other type. */
    kind: z.enum(artifactKinds),
    sizeBytes: z.int(),
    /** Metadata of deb, rpm and msi packages. */
    package: z
      .object({
        name: z.string(),
        version: z.string(),
        architecture: z.string(),
        summary: z.string(),
        dependencies: z.array(z.string()),
      })
      .optional(),
    /** With the names that configurations use: `x86_64`, `arm64`, `any`. */
    arch: z.string().optional(),
    /** Why the package is unreadable. */
    problem: z.string().optional(),
  })
  .meta({ id: 'ArtifactMetadata' })
