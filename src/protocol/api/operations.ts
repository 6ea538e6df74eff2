import { z } from 'zod'
import { countUtf8Bytes } from '../../core/count-utf8-bytes.ts'
import {
  commandTypes,
  isOsPackageName,
  type OperationKind,
  osPackageActions,
  osPackageInstallers,
  rebootPolicies,
} from '../../core/execution/operation.ts'
import { actions } from '../../core/extension/extension.ts'
import {
  defaultAgentConnectTimeoutMs,
  defaultCommandTimeoutMs,
  defaultOsPackageTimeoutMs,
  maxAgentConnectTimeoutMs,
  maxExtensionsPerExecution,
  maxOsPackages,
  maxRebootTimeoutMs,
  maxScriptBytes,
  maxScriptTimeoutMs,
  minAgentConnectTimeoutMs,
  minRebootTimeoutMs,
} from '../../core/limits.ts'
import { parameterValuesSchema } from '../configuration.ts'
import { extensionNameSchema, versionReferenceSchema } from './extensions.ts'

const requestedExtensionShape = {
  extension: extensionNameSchema,
  /** Absent = the latest that is not deprecated. Not allowed for uninstall. */
  version: versionReferenceSchema.optional(),
  /** Given values override installed ones, which override the defaults of the version. */
  parameters: parameterValuesSchema.default({}),
  /** Discards installed values: parameters without a given value use the default of the version. */
  resetParameters: z.boolean().optional(),
}

export const rebootOptionsShape = {
  /** `allowed`: an instance is rebooted when a script requests it; by default it is not. */
  reboot: z.enum(rebootPolicies).optional(),
  /** Time limit from the decision to reboot to the return of the agent (default: 10 minutes). */
  rebootTimeoutMs: z.int().min(minRebootTimeoutMs).max(maxRebootTimeoutMs).optional(),
}

/** Options of an action. */
export const actionOptionsShape = {
  ...rebootOptionsShape,
  /**
   * Install and update: reinstall even if the same version is installed; otherwise the instance
   * only confirms it.
   */
  reinstall: z.boolean().optional(),
  /** OS packages may remove other packages, whatever the versions say. */
  allowRemovals: z.boolean().optional(),
  /**
   * Uninstall: also remove the OS packages that were installed automatically and that nothing needs
   * after the removal.
   */
  autoremove: z.boolean().optional(),
}

/** The schemas of all kinds in the order of the table, as a union takes them. */
const listSchemas = <Table extends Record<string, z.ZodObject>>(table: Table) =>
  Object.values(table) as [Table[keyof Table], ...Table[keyof Table][]]

const timeoutSchema = z.int().min(1_000).max(maxScriptTimeoutMs)

const commandShape = {
  type: z.enum(commandTypes).default('RunShellScript'),
  runAs: z.string().min(1).max(64).optional(),
  /** Absolute path of an existing directory; absent = a new workspace. */
  workDir: z.string().min(1).max(4_096).optional(),
  timeoutMs: timeoutSchema.default(defaultCommandTimeoutMs),
  /** True: `{{ name }}` refers to a parameter; false: it is plain text. */
  placeholders: z.boolean().optional(),
  /** Passed to the script like the parameters of an extension. */
  parameters: parameterValuesSchema.default({}),
  ...rebootOptionsShape,
}

const operationInputs = {
  extension: z.strictObject({
    kind: z.literal('extension'),
    action: z.enum(actions),
    ...requestedExtensionShape,
    ...actionOptionsShape,
  }),
  extensions: z.strictObject({
    kind: z.literal('extensions'),
    action: z.enum(actions),
    /**
     * Installed one after the other on each instance: the next one starts when the previous one
     * has succeeded.
     */
    extensions: z.array(z.strictObject(requestedExtensionShape)).min(1).max(maxExtensionsPerExecution),
    ...actionOptionsShape,
  }),
  command: z.strictObject({
    kind: z.literal('command'),
    ...commandShape,
    content: z
      .string()
      .min(1)
      .refine((text) => countUtf8Bytes(text) <= maxScriptBytes, `must not exceed ${maxScriptBytes} bytes`),
    /** Names of parameters whose values are stored encrypted and never shown. */
    noEcho: z.array(z.string().max(128)).max(64).default([]),
  }),
  osPackage: z.strictObject({
    kind: z.literal('osPackage'),
    action: z.enum(osPackageActions),
    /** `auto`: the first supported package manager that the instance has. */
    installer: z.enum(osPackageInstallers).default('auto'),
    names: z.array(z.string().refine(isOsPackageName, 'is not a valid package name')).min(1).max(maxOsPackages),
    timeoutMs: timeoutSchema.default(defaultOsPackageTimeoutMs),
    allowRemovals: actionOptionsShape.allowRemovals,
    autoremove: actionOptionsShape.autoremove,
  }),
  /** Upgrades agents to the version of the server; instances that have it are unchanged. */
  agentUpgrade: z.strictObject({
    kind: z.literal('agentUpgrade'),
    /** Time for the new agent to connect, before the instance returns to the earlier one. */
    connectTimeoutMs: z
      .int()
      .min(minAgentConnectTimeoutMs)
      .max(maxAgentConnectTimeoutMs)
      .default(defaultAgentConnectTimeoutMs),
  }),
} satisfies Record<Exclude<OperationKind, 'rollback'>, z.ZodObject>

/** The operation of an execution; core/execution/operation.ts documents each kind. */
export const operationInputSchema = z.discriminatedUnion('kind', listSchemas(operationInputs)).meta({ id: 'Operation' })
export type OperationInput = z.input<typeof operationInputSchema>

export const shownActions = [...actions, 'run', 'rollback'] as const

const operationViews = {
  extension: z.object({
    kind: z.literal('extension'),
    action: z.enum(actions),
    extension: z.string(),
    version: z.string().optional(),
    ...actionOptionsShape,
  }),
  extensions: z.object({
    kind: z.literal('extensions'),
    action: z.enum(actions),
    extensions: z.array(z.object({ extension: z.string(), version: z.string().optional() })),
    ...actionOptionsShape,
  }),
  command: z.object({
    kind: z.literal('command'),
    type: z.enum(commandTypes),
    runAs: z.string().optional(),
    workDir: z.string().optional(),
    timeoutMs: z.int(),
    placeholders: z.boolean().optional(),
    ...rebootOptionsShape,
    content: z.string().optional().describe('Only returned for a single execution.'),
  }),
  osPackage: z.object({
    kind: z.literal('osPackage'),
    action: z.enum(osPackageActions),
    installer: z.enum(osPackageInstallers),
    names: z.array(z.string()),
    timeoutMs: z.int(),
    allowRemovals: actionOptionsShape.allowRemovals,
    autoremove: actionOptionsShape.autoremove,
  }),
  agentUpgrade: z.object({
    kind: z.literal('agentUpgrade'),
    version: z.string().describe('Version of the agent.'),
    connectTimeoutMs: z.int(),
  }),
  rollback: z.object({
    kind: z.literal('rollback'),
    execution: z.string().describe('The execution that is rolled back.'),
    extensions: z.array(z.object({ extension: z.string() })),
    ...rebootOptionsShape,
  }),
} satisfies Record<OperationKind, z.ZodObject>

/** The operation as shown: without any values. */
export const operationViewSchema = z
  .discriminatedUnion('kind', listSchemas(operationViews))
  .meta({ id: 'OperationView' })
export type OperationView = z.infer<typeof operationViewSchema>
export type OperationViewOf<Kind extends OperationKind> = Extract<OperationView, { readonly kind: Kind }>

const shownValueSchema = z.union([z.string(), z.number(), z.boolean()])
export const shownValueMapSchema = z.record(z.string(), shownValueSchema).describe('Secrets are `******`.')

/** Readable values, by extension in order; a command has one entry. */
export const operationValuesSchema = z
  .array(
    z.object({
      extension: z.string().optional(),
      values: shownValueMapSchema,
      /** Names of the given values. */
      given: z.array(z.string()),
      /** Installed values are discarded. */
      reset: z.boolean(),
    }),
  )
  .meta({ id: 'OperationValues' })
