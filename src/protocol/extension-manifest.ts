/**
 * `extension.yaml` (design §2): the API's request, except that scripts and artifacts are paths
 * relative to the file, run options are direct fields of their configuration, and durations may be
 * written as `90s` or `2h`.
 */
import { z } from 'zod'
import { artifactKinds, extensionTypes } from '../core/extension/extension.ts'
import { maxConfigurationsPerVersion, maxDescriptionLength } from '../core/limits.ts'
import {
  configurationSchema,
  parameterDeclarationSchema,
  platformSchema,
  runOptionsSchema,
  scopeSchema,
  verifyCheckSchema,
} from './configuration.ts'

/** Relative to the file, within its folder. */
const path = z.string().min(1).max(4_096)
const duration = z.string().regex(/^\d{1,9}(ms|s|m|h|d)$/, 'must be a duration such as 90s, 30m or 2h')
/** `key:` without a value means "none". */
const absentIfEmpty = <Schema extends z.ZodType>(schema: Schema) =>
  z.preprocess((value) => value ?? undefined, schema.optional())

const [processCheck, portCheck, fileCheck, httpCheck, packageCheck, scriptCheck] = verifyCheckSchema.options
const timed = { withinMs: z.int().min(0).max(3_600_000).optional(), within: duration.optional() }
const manifestCheckSchema = z.discriminatedUnion('kind', [
  processCheck.extend(timed),
  portCheck.extend(timed),
  fileCheck.extend(timed),
  httpCheck.extend(timed),
  packageCheck.extend(timed),
  scriptCheck.extend({ ...timed, script: path }),
])

const run = runOptionsSchema.shape
export const manifestConfigurationSchema = z.strictObject({
  os: configurationSchema.shape.os,
  arch: configurationSchema.shape.arch.optional(),
  platforms: absentIfEmpty(z.array(platformSchema).min(1).max(256)),
  artifact: path.optional(),
  /** Absent = derived from the file name. */
  kind: z.enum(artifactKinds).optional(),
  install: path.optional(),
  uninstall: path.optional(),
  update: path.optional(),
  output: path.optional(),
  verify: absentIfEmpty(z.array(manifestCheckSchema).max(64)),
  unpack: z.boolean().optional(),
  runAs: run.runAs,
  workDir: run.workDir,
  timeoutMs: run.timeoutMs.unwrap().optional(),
  timeout: duration.optional(),
  keepWorkspace: run.keepWorkspace.unwrap().optional(),
  allowRemovals: run.allowRemovals,
  signature: run.signature,
})

export const extensionManifestSchema = z.strictObject({
  name: z.string(),
  type: z.enum(extensionTypes).default('Application'),
  description: absentIfEmpty(z.string().max(maxDescriptionLength)),
  versionDescription: absentIfEmpty(z.string().max(maxDescriptionLength)),
  scope: absentIfEmpty(scopeSchema),
  parameters: absentIfEmpty(z.record(z.string(), parameterDeclarationSchema)),
  configurations: z.array(manifestConfigurationSchema).max(maxConfigurationsPerVersion),
})
export type ExtensionManifest = z.infer<typeof extensionManifestSchema>
export type ManifestConfiguration = ExtensionManifest['configurations'][number]
