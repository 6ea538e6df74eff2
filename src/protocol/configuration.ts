/**
 * Schemas of an extension version in requests and messages. Types match
 * core/extension/extension.ts; a test compares them.
 */
import { z } from 'zod'
import { validateObjectKey } from '../core/artifact/artifact-object.ts'
import { actions, artifactKinds, parameterTypes, signaturePolicies } from '../core/extension/extension.ts'
import { osFamilies } from '../core/instance/facts.ts'
import {
  defaultScriptTimeoutMs,
  maxArtifactBytes,
  maxDescriptionLength,
  maxParameterValueBytes,
  maxScriptBytes,
  maxScriptTimeoutMs,
} from '../core/limits.ts'
import { wireChecks } from './wire-checks.ts'

export const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/, 'must be a lower-case hexadecimal SHA-256')
const pattern = z.string().min(1).max(128)
const parameterValueSchema = z.union([z.string().max(maxParameterValueBytes), z.number(), z.boolean()])
export const parameterValuesSchema = z.record(z.string().max(128), parameterValueSchema)

export const platformSchema = z.strictObject({
  id: z.string().min(1).max(64),
  versions: z.string().min(1).max(256).optional(),
})

export const scopeSchema = z.strictObject({
  instanceFamilies: z.array(pattern).max(256).optional(),
  imageTypes: z.array(pattern).max(64).optional(),
  platforms: z.array(platformSchema).max(256).optional(),
})

export const parameterDeclarationSchema = z.strictObject({
  type: z.enum(parameterTypes),
  description: z.string().max(maxDescriptionLength).optional(),
  default: parameterValueSchema.optional(),
  allowedValues: z.array(parameterValueSchema).min(1).max(256).optional(),
  pattern: z.string().min(1).max(512).optional(),
  min: z.number().optional(),
  max: z.number().optional(),
  minLength: z.int().min(0).optional(),
  maxLength: z.int().min(0).max(maxParameterValueBytes).optional(),
  noEcho: z.boolean().optional(),
  actions: z.array(z.enum(actions)).min(1).optional(),
})

/** A plain file name, because it is joined to a folder on the instance. */
const fileNameSchema = z.string().min(1).max(255).refine(wireChecks.isFileName, 'must be a file name without a path')

/**
 * As in OSS: a bucket name is like a host name, a key is a path that does not start with `/` or
 * `\\`.
 */
export const bucketNameSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/, 'must consist of 3 to 63 lower-case letters, digits and inner hyphens')
export const objectKeySchema = z.string().refine(wireChecks.isObjectKey, {
  error: ({ input }) => validateObjectKey(String(input)),
})

export const artifactSchema = z.strictObject({
  sha256: sha256Schema,
  sizeBytes: z.int().min(1).max(maxArtifactBytes),
  fileName: fileNameSchema,
  kind: z.enum(artifactKinds),
  object: z.strictObject({ bucket: bucketNameSchema, key: objectKeySchema }).optional(),
})

const script = z.string().min(1).max(maxScriptBytes)
const withinMs = z.int().min(0).max(3_600_000).default(30_000)

export const verifyCheckSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('process'), withinMs, name: z.string().optional(), pidFile: z.string().optional() }),
  z.strictObject({ kind: z.literal('port'), withinMs, port: z.int().min(1).max(65_535), host: z.string().optional() }),
  z.strictObject({ kind: z.literal('file'), withinMs, path: z.string().min(1), sha256: sha256Schema.optional() }),
  z.strictObject({ kind: z.literal('http'), withinMs, url: z.url(), status: z.int().min(100).max(599).optional() }),
  z.strictObject({ kind: z.literal('package'), withinMs, name: z.string().min(1), version: z.string().optional() }),
  z.strictObject({ kind: z.literal('script'), withinMs, script }),
])

export const scriptsSchema = z.strictObject({
  install: script.optional(),
  uninstall: script.optional(),
  update: script.optional(),
  output: script.optional(),
})

export const runOptionsSchema = z.strictObject({
  runAs: z.string().min(1).max(64).optional(),
  workDir: z.string().startsWith('/').max(4_096).optional(),
  timeoutMs: z.int().min(1_000).max(maxScriptTimeoutMs).default(defaultScriptTimeoutMs),
  unpack: z.boolean().default(false),
  keepWorkspace: z.enum(['never', 'onFailure']).default('never'),
  allowRemovals: z.boolean().optional(),
  signature: z.enum(signaturePolicies).optional(),
})

export const configurationSchema = z.strictObject({
  id: z.string().regex(/^c[0-9]{1,3}$/),
  os: z.enum(osFamilies),
  arch: z.string().min(1).max(32),
  platforms: z.array(platformSchema).min(1).max(256).optional(),
  artifact: artifactSchema.optional(),
  scripts: scriptsSchema,
  verify: z.array(verifyCheckSchema).max(64),
  run: runOptionsSchema,
})
