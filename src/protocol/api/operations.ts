import { z } from 'zod'
import { countUtf8Bytes } from '../../core/count-utf8-bytes.ts'
import { commandTypes, isOsPackageName, osPackageActions, osPackageInstallers } from '../../core/execution/operation.ts'
import { actions } from '../../core/extension/extension.ts'
import {
  defaultCommandTimeoutMs,
  defaultOsPackageTimeoutMs,
  maxExtensionsPerExecution,
  maxOsPackages,
  maxScriptBytes,
  maxScriptTimeoutMs,
} from '../../core/limits.ts'
import { parameterValuesSchema } from '../configuration.ts'
import { extensionNameSchema, versionLabelSchema } from './extensions.ts'

const requestedExtensionShape = {
  extension: extensionNameSchema,
  /** Absent = the latest that is not deprecated. Not for uninstall. */
  version: versionLabelSchema.optional(),
  /** Given values go before installed ones, and those before the defaults of the version. */
  parameters: parameterValuesSchema.default({}),
  /** Installed values are not kept: what is not given has the default of the version. */
  resetParameters: z.boolean().optional(),
}

/** How an action is carried out. */
const actionOptionsShape = {
  /** Install and update: also where the very same is installed, which the instance otherwise only confirms. */
  reinstall: z.boolean().optional(),
  /** OS packages may remove other packages, whatever the versions say. */
  allowRemovals: z.boolean().optional(),
}

const timeoutSchema = z.int().min(1_000).max(maxScriptTimeoutMs)

const commandShape = {
  type: z.enum(commandTypes).default('RunShellScript'),
  runAs: z.string().min(1).max(64).optional(),
  /** Absolute, and there already; absent = a fresh workspace. */
  workDir: z.string().min(1).max(4_096).optional(),
  timeoutMs: timeoutSchema.default(defaultCommandTimeoutMs),
  /** False: `{{ name }}` in it is text; otherwise it stands for a parameter. */
  placeholders: z.boolean().optional(),
  /** The script gets them as it would those of an extension. */
  parameters: parameterValuesSchema.default({}),
}

/** What an execution is to do; core/execution/operation.ts says what each means. */
export const operationInputSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('extension'),
      action: z.enum(actions),
      ...requestedExtensionShape,
      ...actionOptionsShape,
    }),
    z.strictObject({
      kind: z.literal('extensions'),
      action: z.enum(actions),
      /** One after the other on each instance: the next begins when the one before it has succeeded. */
      extensions: z.array(z.strictObject(requestedExtensionShape)).min(1).max(maxExtensionsPerExecution),
      ...actionOptionsShape,
    }),
    z.strictObject({
      kind: z.literal('command'),
      ...commandShape,
      content: z
        .string()
        .min(1)
        .refine((text) => countUtf8Bytes(text) <= maxScriptBytes, `is longer than ${maxScriptBytes} bytes`),
      /** Names of parameters whose values are kept encrypted and shown nowhere. */
      noEcho: z.array(z.string().max(128)).max(64).default([]),
    }),
    z.strictObject({
      kind: z.literal('osPackage'),
      action: z.enum(osPackageActions),
      /** `auto`: the first of the others that an instance has. */
      installer: z.enum(osPackageInstallers).default('auto'),
      names: z.array(z.string().refine(isOsPackageName, 'is not the name of a package')).min(1).max(maxOsPackages),
      timeoutMs: timeoutSchema.default(defaultOsPackageTimeoutMs),
      allowRemovals: actionOptionsShape.allowRemovals,
    }),
  ])
  .meta({ id: 'Operation' })
export type OperationInput = z.input<typeof operationInputSchema>

export const shownActions = [...actions, 'run'] as const

/** The same as it is shown: without any values. */
export const operationViewSchema = z
  .discriminatedUnion('kind', [
    z.object({
      kind: z.literal('extension'),
      action: z.enum(actions),
      extension: z.string(),
      version: z.string().optional(),
      ...actionOptionsShape,
    }),
    z.object({
      kind: z.literal('extensions'),
      action: z.enum(actions),
      extensions: z.array(z.object({ extension: z.string(), version: z.string().optional() })),
      ...actionOptionsShape,
    }),
    z.object({
      kind: z.literal('command'),
      type: z.enum(commandTypes),
      runAs: z.string().optional(),
      workDir: z.string().optional(),
      timeoutMs: z.int(),
      placeholders: z.boolean().optional(),
      content: z.string().optional().describe('Only where one execution is asked for: it may be large.'),
    }),
    z.object({
      kind: z.literal('osPackage'),
      action: z.enum(osPackageActions),
      installer: z.enum(osPackageInstallers),
      names: z.array(z.string()),
      timeoutMs: z.int(),
      allowRemovals: actionOptionsShape.allowRemovals,
    }),
  ])
  .meta({ id: 'OperationView' })
export type OperationView = z.infer<typeof operationViewSchema>

const shownValueSchema = z.union([z.string(), z.number(), z.boolean()])
export const shownValueMapSchema = z.record(z.string(), shownValueSchema).describe('Secrets are `******`.')

/** Values as they may be looked up, by extension in order; a command has one entry. */
export const operationValuesSchema = z
  .array(
    z.object({
      extension: z.string().optional(),
      values: shownValueMapSchema,
      /** Names of those that were given. */
      given: z.array(z.string()),
      /** Installed values are not kept. */
      reset: z.boolean(),
    }),
  )
  .meta({ id: 'OperationValues' })
