import { z } from 'zod'
import { builtInRole } from '../../core/access/built-in-policies.ts'
import { executionStatuses } from '../../core/execution/execution.ts'
import { extensionTypes } from '../../core/extension/extension.ts'
import { admissions } from '../../core/instance/agent-identity.ts'
import { instanceStatuses } from '../../core/instance/instance.ts'
import { driftKinds } from '../../core/instance/reconcile-installed.ts'
import {
  maxExtensionsPerExecution,
  maxInstanceNameLength,
  maxTagLength,
  maxTagsPerInstance,
} from '../../core/limits.ts'
import { factsSchema, tagsSchema } from '../agent-messages.ts'
import { parameterValuesSchema } from '../configuration.ts'
import { executionSummarySchema, taskSchema } from './executions.ts'
import { extensionNameSchema, versionLabelSchema, versionReferenceSchema } from './extensions.ts'
import { shownValueMapSchema } from './operations.ts'
import { instantSchema, pageOf } from './page.ts'
import { reasonMessagesSchema, reasonShape } from './reasons.ts'

const installedSchema = z.object({
  extension: z.string(),
  version: z.string(),
  configurationId: z.string(),
  executionId: z.string().describe('Execution that installed it; `told-…` if it was recorded with the OOS API.'),
  since: instantSchema,
  parameters: shownValueMapSchema.describe('Installed parameter values. Secrets are `******`.'),
  drift: z
    .object({ since: instantSchema, ...reasonShape })
    .optional()
    .describe('Present: its checks no longer hold on the instance, and why.'),
})

export const instanceSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    status: z.enum(instanceStatuses),
    facts: factsSchema,
    tags: z.record(z.string(), z.string()),
    resourceGroup: z.string(),
    admission: z
      .enum(admissions)
      .describe(
        '`pending`: waiting for approval by an operator. `quarantined`: the identity may be in use twice. The server hands no work to either.',
      ),
    admissionReason: z.string().optional().describe('Reason why the instance is not admitted.'),
    admissionReasonMessages: reasonMessagesSchema.optional(),
    admissionSince: instantSchema.optional(),
    ready: z
      .boolean()
      .default(true)
      .describe(
        'Every extension of the boot profile is installed, and the assignments that applied when it joined have held; true for an instance that joined without either.',
      ),
    boot: z
      .object({
        joinToken: z.string().optional().describe('Absent: the token had no boot profile.'),
        assignments: z
          .array(z.string())
          .optional()
          .describe(
            'Assignments that do not hold yet since the instance joined; empty: not evaluated yet. Absent: none.',
          ),
        executionId: z.string().optional().describe('Execution that installs the extensions. Absent: not started yet.'),
        failure: z
          .object({ code: z.string(), message: z.string() })
          .optional()
          .describe('Why the execution could not be started. The server tries again every five minutes.'),
      })
      .optional()
      .describe(
        'What the instance has to have before it is ready: the boot profile of its join token, then its assignments.',
      ),
    /** The role whose policies authorise what the instance receives. */
    role: z.string(),
    enrolledAt: instantSchema,
    lastSeenAt: instantSchema.optional(),
    /** Extensions whose last change succeeded. */
    installed: z.array(installedSchema),
    /** Extensions whose last change did not complete: the actual state is unknown. */
    broken: z.array(installedSchema),
  })
  .meta({ id: 'Instance' })
export type InstanceView = z.infer<typeof instanceSchema>

const driftSideSchema = z
  .object({ status: z.enum(['installed', 'broken']), version: versionLabelSchema })
  .optional()
  .describe('Absent: not installed.')

const driftSchema = z.object({
  extension: z.string(),
  noticedAt: instantSchema,
  expected: driftSideSchema,
  found: driftSideSchema,
  differs: z
    .array(z.enum(driftKinds))
    .describe('Fields that differ. `content`: same version number, but different packages or scripts.'),
})

export const instanceDetailSchema = instanceSchema
  .extend({
    drift: z
      .array(driftSchema)
      .describe(
        'Differences between the records of the instance and of the server, found when its agent connected, newest first. The server has adopted the records of the instance.',
      ),
  })
  .meta({ id: 'InstanceDetail' })
export type InstanceDetailView = z.infer<typeof instanceDetailSchema>

/** Filters of an instance list; an instance must match all of them. */
export const instanceFilterShape = {
  targets: z.string().max(65_536).optional().describe('Target selector, such as `tag:env=prod`.'),
  status: z.enum(instanceStatuses).optional(),
  name: z.string().min(1).max(maxInstanceNameLength).optional().describe('Part of the name, case-insensitive.'),
  extension: extensionNameSchema.optional().describe('Filter by installed extension.'),
  version: versionLabelSchema.optional().describe('Filter by installed version.'),
  filter: z
    .string()
    .max(8_192)
    .optional()
    .describe(
      'Comma-separated conditions: `os=debian,tag:env!=prod,name~web,extension=demo@v2,broken=*`. Operators: `=`, `!=`, `~` (contains, ' +
        'case-insensitive), `!~`. Properties: status, name, id, os, osVersion, osFamily, arch, region, family, agent, group, role, admission, tag:KEY, extension, ' +
        'broken, drifted. `\\` escapes the next character.',
    ),
  search: z
    .string()
    .min(1)
    .max(128)
    .optional()
    .describe('Part of the name, the id, the host name, an address or the cloud instance id, case-insensitive.'),
}

export const instanceSorts = ['name', 'status', 'lastSeen', 'enrolled'] as const
export type InstanceSort = `${'' | '-'}${(typeof instanceSorts)[number]}`

/** A page of instances; also the token of the previous page, for tables that page backwards. */
export const instancePageSchema = pageOf(instanceSchema).extend({
  previousToken: z.string().optional(),
  /** If requested. Not exact: there are more. */
  total: z.object({ count: z.int(), isExact: z.boolean() }).optional(),
})

/** GET /instances/values: possible values of a filter, most frequent first. */
export const instanceValuesSchema = z
  .object({
    values: z.array(z.object({ value: z.string(), count: z.int() })),
    /** The list is complete. */
    isComplete: z.boolean(),
  })
  .meta({ id: 'InstanceValues' })

/** An extension from the view of one instance. */
export const instanceExtensionSchema = z
  .object({
    extension: z.string(),
    type: z.enum(extensionTypes),
    description: z.string(),
    /** The newest version that is not deprecated. */
    newest: z.string().optional(),
    /** Whether that version is in scope for this instance. */
    fits: z.boolean(),
    /** Why it is not: its scope, or that no configuration matches. */
    reason: z.string().optional(),
    reasonMessages: reasonMessagesSchema.optional(),
    /** The installed version. */
    state: z.enum(['installed', 'broken', 'absent']),
    installed: installedSchema.omit({ extension: true }).optional(),
  })
  .meta({ id: 'InstanceExtension' })
export type InstanceExtensionView = z.infer<typeof instanceExtensionSchema>

/** An execution that targeted the instance. */
export const instanceHistorySchema = executionSummarySchema
  .pick({
    action: true,
    extension: true,
    version: true,
    operation: true,
    description: true,
    createdBy: true,
    createdAt: true,
  })
  .extend({ executionId: z.string(), executionStatus: z.enum(executionStatuses), task: taskSchema })
  .meta({ id: 'InstanceHistory' })
export type InstanceHistoryView = z.infer<typeof instanceHistorySchema>

/** PATCH /instances/{id}: description and tags. `tags` replaces all tags. */
export const instancePatchSchema = z.strictObject({
  name: z.string().min(1).max(maxInstanceNameLength).optional(),
  tags: tagsSchema.optional(),
  resourceGroup: z.string().max(64).optional(),
})
export type InstancePatch = z.infer<typeof instancePatchSchema>

/** PUT /instances/{id}/role. */
export const instanceRoleSchema = z.strictObject({ role: z.string().min(1).max(64) }).meta({ id: 'InstanceRole' })

export const joinTokenInputSchema = z.strictObject({
  uses: z
    .union([z.int().min(1).max(1_000_000), z.literal('unlimited')])
    .default(1)
    .describe('Number of instances that can join with the token; `unlimited`: any number until it expires.'),
  ttlMs: z
    .int()
    .min(1_000)
    .max(365 * 24 * 3_600_000)
    .default(3_600_000),
  tags: tagsSchema.default({}),
  resourceGroup: z.string().max(64).default(''),
  /** Tags of the instances that join with it. */
  role: z.string().min(1).max(64).default(builtInRole.name),
  allowedTags: z
    .array(z.string().min(1).max(maxTagLength))
    .max(maxTagsPerInstance)
    .default([])
    .describe('Tag keys that agents may set when they join.'),
  approve: z
    .boolean()
    .default(false)
    .describe('Whether instances require approval by an operator (`POST /instances/{id}/approve`).'),
  install: z
    .array(
      z.strictObject({
        extension: extensionNameSchema,
        version: versionReferenceSchema.optional().describe('Absent: the latest when the instance joins.'),
        parameters: parameterValuesSchema.default({}),
      }),
    )
    .max(maxExtensionsPerExecution)
    .default([])
    .describe(
      'Extensions that instances get when they join, in this order. An instance is ready when all are installed.',
    ),
})
export type JoinTokenInput = z.input<typeof joinTokenInputSchema>

export const joinTokenSchema = z
  .object({
    id: z.string(),
    uses: z.int().optional(),
    usesLeft: z.int().optional(),
    expiresAt: instantSchema,
    createdAt: instantSchema,
    tags: z.record(z.string(), z.string()),
    resourceGroup: z.string(),
    role: z.string(),
    allowedTags: z.array(z.string()),
    approve: z.boolean(),
    install: z
      .array(
        z.object({
          extension: z.string(),
          version: z.string().optional(),
          parameters: shownValueMapSchema.describe('Without secrets.'),
        }),
      )
      .default([])
      .describe('Extensions that instances get when they join.'),
  })
  .meta({ id: 'JoinToken' })
export type JoinTokenView = z.infer<typeof joinTokenSchema>

/** The secret is shown once. */
export const createdJoinTokenSchema = joinTokenSchema
  .extend({
    token: z.string(),
    publicUrl: z.string().optional().meta({ description: 'URL that instances use to reach the server, if configured' }),
    caSha256: z
      .string()
      .optional()
      .meta({ description: "SHA-256 of the server's own CA; absent if the certificate is from another CA" }),
  })
  .meta({ id: 'CreatedJoinToken' })
