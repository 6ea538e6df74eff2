import { z } from 'zod'
import {
  executionReasonCodes,
  executionStatuses,
  taskReasonCodes,
  taskStatuses,
} from '../../core/execution/execution.ts'
import { failureHints } from '../../core/execution/failure-lines.ts'
import { invocationStates } from '../../core/execution/invocation.ts'
import { batchPauses, executionModes } from '../../core/execution/rate-control.ts'
import { type OfflineRequest, offlinePolicies, resolveWhenOffline } from '../../core/execution/when-offline.ts'
import { actions } from '../../core/extension/extension.ts'
import { gateFailurePolicies } from '../../core/gate/gate.ts'
import { maxDeliveryTimeoutMs, maxNoteLength, maxTargetsPerExecution } from '../../core/limits.ts'
import { planSteps } from '../../core/plan/plan.ts'
import { tagsSchema } from '../agent-messages.ts'
import { streams } from '../agent-protocol.ts'
import { parameterValuesSchema } from '../configuration.ts'
import { extensionNameSchema, versionReferenceSchema } from './extensions.ts'
import { gateDecisionSchema, gateViewSchema } from './gates.ts'
import {
  actionOptionsShape,
  operationInputSchema,
  operationValuesSchema,
  operationViewSchema,
  shownActions,
  shownValueMapSchema,
} from './operations.ts'
import { instantSchema } from './page.ts'
import { approvalTermsSchema, approvalViewSchema } from './plan/plan-signatures.ts'
import { parameterChangesSchema, plannedPartsSchema } from './plan/plans.ts'
import { rateControlInputSchema, requestedRateControlSchema } from './rate-control.ts'
import { reasonShape } from './reasons.ts'
import { targetsSchema } from './targets.ts'
import { timingShape } from './timing.ts'

/** Shared fields: an extension, or any other operation. */
const planRequestShape = {
  action: z.enum(actions).optional(),
  extension: extensionNameSchema.optional(),
  /** Absent = latest that is not deprecated. Not for uninstall, which removes any version. */
  version: versionReferenceSchema.optional(),
  parameters: parameterValuesSchema.optional(),
  /** Discards installed values: parameters without a given value use the default of the version. */
  resetParameters: z.boolean().optional(),
  ...actionOptionsShape,
  operation: operationInputSchema.optional().describe('Operation; replaces the ten fields above.'),
  targets: targetsSchema,
  rateControl: rateControlInputSchema.prefault({}),
  /** Left-out targets make the result Failed, too, and so do accepted failures. */
  strict: z.boolean().optional(),
  /** Leave out instances that are offline at planning time instead of waiting for them. */
  skipOffline: z.boolean().optional(),
  whenOffline: z
    .enum(offlinePolicies)
    .optional()
    .describe(
      '`wait`: an offline instance gets its work when it returns within `deliveryTimeoutMs`, by default seven days. `skip`: as `skipOffline`. `fail`: its task fails after 30 seconds. Absent: it waits for ten minutes, or for `deliveryTimeoutMs`.',
    ),
}

/** The fields of one extension, which `operation` replaces. */
const extensionFields = [
  'action',
  'extension',
  'version',
  'parameters',
  'resetParameters',
  'reinstall',
  'allowRemovals',
  'autoremove',
  'reboot',
  'rebootTimeoutMs',
] as const
type Asked = Readonly<Partial<Record<(typeof extensionFields)[number] | 'operation', unknown>>>

/** Either an operation, or an action and an extension. */
function refuseHalves({ operation, ...fields }: Asked, refinement: z.RefinementCtx): void {
  for (const name of extensionFields) {
    const wanted = operation === undefined && (name === 'action' || name === 'extension')
    if (wanted && fields[name] === undefined)
      refinement.addIssue({ code: 'custom', path: [name], message: 'is required without operation' })
    if (operation !== undefined && fields[name] !== undefined)
      refinement.addIssue({ code: 'custom', path: [name], message: 'must be set in operation' })
  }
}

function refuseOffline(request: OfflineRequest, refinement: z.RefinementCtx): void {
  const resolved = resolveWhenOffline(request)
  if ('problem' in resolved) refinement.addIssue({ code: 'custom', path: ['whenOffline'], message: resolved.problem })
}

/** POST /plans. */
export const planInputSchema = z
  .strictObject(planRequestShape)
  .superRefine(refuseHalves)
  .superRefine(refuseOffline)
  .meta({ id: 'PlanRequest' })
/** As sent: fields with a default may be absent. */
export type PlanRequest = z.input<typeof planInputSchema>

const { startAt: startAtSchema, ...recurringTimingShape } = timingShape
const startShape = {
  ...planRequestShape,
  mode: z.enum(executionModes).default('Automatic'),
  description: z.string().max(maxNoteLength).default(''),
  tags: tagsSchema.default({}),
  resourceGroup: z.string().max(64).default(''),
  /** The parent of this execution. */
  parentExecutionId: z.string().min(1).max(64).optional(),
  /** Start on a group although it suddenly matches every instance (409 GroupUnconfirmed). */
  confirmTargets: z.boolean().optional(),
  ...recurringTimingShape,
  /** How long a task waits for its instance. Absent: see `whenOffline`. */
  deliveryTimeoutMs: z.int().min(1_000).max(maxDeliveryTimeoutMs).optional(),
}

/** What a schedule starts: an execution without a time and a token of its own. */
export const scheduledRequestSchema = z
  .strictObject(startShape)
  .superRefine(refuseHalves)
  .superRefine(refuseOffline)
  .meta({ id: 'ScheduledExecutionRequest' })

/** POST /executions. */
export const executionInputSchema = z
  .strictObject({
    ...startShape,
    startAt: startAtSchema,
    /** Idempotency token: the same token returns the same execution. */
    clientToken: z.string().min(1).max(64).optional(),
    /** Digest of a plan: if the current plan differs, the answer is 409 PlanChanged. */
    ifPlan: z.string().length(64).optional(),
    /** Approvers have to sign the plan before anything starts. */
    approval: approvalTermsSchema.optional(),
  })
  .superRefine(refuseHalves)
  .superRefine(refuseOffline)
  .meta({ id: 'ExecutionRequest' })
export type ExecutionRequest = z.input<typeof executionInputSchema>

/** PATCH /executions/{id}: description and tags. `tags` replaces all tags. */
export const executionPatchSchema = z
  .strictObject({
    description: z.string().max(maxNoteLength).optional(),
    tags: tagsSchema.optional(),
    resourceGroup: z.string().max(64).optional(),
  })
  .meta({ id: 'ExecutionPatch' })
export type ExecutionPatch = z.infer<typeof executionPatchSchema>

export type TargetsInput = z.infer<typeof targetsSchema>

const reasonCountSchema = z.object({
  status: z.enum(taskStatuses),
  reasonCode: z.enum(taskReasonCodes),
  count: z.int(),
})

export const batchSchema = z.object({
  number: z.int(),
  group: z.string().optional().describe('The group whose instances it has.'),
  size: z.int(),
  pending: z.int(),
  /** Rebooting ones included. */
  running: z.int(),
  rebooting: z.int(),
  success: z.int(),
  failed: z.int(),
  cancelled: z.int(),
  skipped: z.int(),
})

export const batchesSchema = batchSchema.array()
export type BatchView = z.infer<typeof batchSchema>

export const executionSchema = z
  .object({
    id: z.string(),
    status: z.enum(executionStatuses),
    reasonCode: z.enum(executionReasonCodes),
    /** One sentence that explains the status or the result. */
    ...reasonShape,
    action: z.enum(shownActions),
    /** Of one extension. */
    extension: z.string().optional(),
    version: z.string().optional(),
    operation: operationViewSchema,
    description: z.string(),
    targets: targetsSchema,
    mode: z.enum(executionModes),
    /** The result is Failed if any target was left out or did not reach the wanted state. */
    strict: z.boolean(),
    /** Instances that were offline at planning time are left out. */
    skipOffline: z.boolean(),
    rateControl: z.object({
      mode: z.enum(['Concurrency', 'Batch']),
      concurrency: z.int(),
      batchPause: z.enum(batchPauses),
      maxErrors: z.int(),
      batchCount: z.int(),
      gates: z.array(z.string()).optional().describe('Gates between two batches.'),
      onGateFailure: z.enum(gateFailurePolicies).optional(),
      requested: requestedRateControlSchema
        .optional()
        .describe('Rate control as requested, with percentages. Only returned for a single execution.'),
    }),
    parameters: operationValuesSchema
      .optional()
      .describe('Parameters for new installs; tasks have their own. Only returned for a single execution.'),
    /** Tasks by status, including every planned target. */
    counts: z.record(z.enum(taskStatuses), z.int()),
    reasons: z.array(reasonCountSchema),
    batches: z.array(batchSchema),
    openBatch: z.int(),
    taskCount: z.int(),
    /** Increases with every change: `GET …/events` continues after it. */
    revision: z.int(),
    retryOf: z.string().optional(),
    /** The execution that this one rolls back. */
    rollbackOf: z.string().optional(),
    /** The execution that rolls this one back. */
    rolledBackBy: z.string().optional().describe('Only returned for a single execution.'),
    /** What it changed so far. */
    /** The gate that it is at, or was at last. */
    gate: gateViewSchema.optional().describe('Only returned for a single execution.'),
    decisions: gateDecisionSchema
      .array()
      .optional()
      .describe('The latest decisions at approval gates. Only returned for a single execution.'),
    changes: z
      .array(
        z.object({
          extension: z.string(),
          from: z.string().optional().describe('Absent: not installed.'),
          to: z.string().optional().describe('Absent: not installed.'),
          broken: z.literal(true).optional().describe('The change did not complete.'),
          count: z.int(),
        }),
      )
      .optional()
      .describe('Changed instances by versions. Only returned for a single execution.'),
    parentExecutionId: z.string().optional(),
    /** Nothing starts before. */
    startAt: instantSchema.optional(),
    window: timingShape.window,
    ignoreFreezes: timingShape.ignoreFreezes,
    /** Approvers have to sign the plan. */
    approval: approvalViewSchema.optional(),
    tags: z.record(z.string(), z.string()),
    resourceGroup: z.string(),
    /** The comment of the last control request. */
    note: z.string().optional(),
    clientToken: z.string().optional(),
    createdBy: z.string(),
    createdAt: instantSchema,
    startedAt: instantSchema.optional(),
    endedAt: instantSchema.optional(),
    /** The output has expired: the server keeps it for a limited time after the end. */
    outputExpiredAt: instantSchema.optional(),
  })
  .meta({ id: 'Execution' })

export type ExecutionView = z.infer<typeof executionSchema>

export const executionSummarySchema = executionSchema
  .omit({ batches: true, reasons: true, targets: true })
  .meta({ id: 'ExecutionSummary' })

export type ExecutionSummary = z.infer<typeof executionSummarySchema>

/** What changes of an execution: event `execution` of its event stream. */
export const executionChangeSchema = executionSchema
  .omit({ batches: true, targets: true })
  .meta({ id: 'ExecutionChange' })

export const taskSchema = z
  .object({
    id: z.string(),
    ordinal: z.int(),
    batch: z.int(),
    instanceId: z.string(),
    instanceName: z.string(),
    step: z.enum(planSteps),
    status: z.enum(taskStatuses),
    reasonCode: z.enum(taskReasonCodes),
    ...reasonShape,
    exitCode: z.int().optional(),
    output: z.string().optional(),
    /** The comment of the last control request. */
    note: z.string().optional(),
    fromVersion: z.string().optional(),
    toVersion: z.string().optional(),
    parts: plannedPartsSchema,
    /** Several extensions: number (from 1) of the one that the other fields refer to. */
    part: z.int().optional(),
    attempt: z.int(),
    revision: z.int(),
    startedAt: instantSchema.optional(),
    endedAt: instantSchema.optional(),
  })
  .meta({ id: 'TaskExecution' })
export type TaskView = z.infer<typeof taskSchema>

export const taskSorts = ['ordinal', 'ended', 'duration'] as const
export type TaskSort = `${'' | '-'}${(typeof taskSorts)[number]}`

export const taskQuerySchema = z.object({
  status: z
    .string()
    .regex(
      new RegExp(`^(${taskStatuses.join('|')})(,(${taskStatuses.join('|')}))*$`),
      'must be a comma-separated list of statuses',
    )
    .optional()
    .describe('Comma-separated list of statuses.'),
  reasonCode: z.enum(taskReasonCodes).optional(),
  batch: z.coerce.number().int().min(0).optional(),
  instanceId: z.string().min(1).max(64).optional(),
  failure: z.string().min(1).max(80).optional().describe('Key of a failure group of GET …/failures.'),
  search: z.string().min(1).max(128).optional().describe('Part of the instance name, the instance id or the reason.'),
  sort: z
    .enum(taskSorts.flatMap((sort) => [sort, `-${sort}` as const]))
    .default('ordinal')
    .describe('Sort order; prefix with `-` to reverse. Tasks that have not ended sort last by end time.'),
})

/** GET /executions/{id}/failures: similar failed tasks in groups, the largest group first. */
export const failuresSchema = z
  .object({
    groups: z.array(
      z.object({
        /** For `failure` of the task list and of a retry. */
        key: z.string(),
        reasonCode: z.enum(taskReasonCodes),
        exitCode: z.int().optional(),
        /** The last lines of output, with `<n>`, `<path>`, `<time>` for varying parts. */
        lines: z.array(z.string()),
        count: z.int(),
        /** The first instances of the group. */
        samples: z.array(z.object({ instanceId: z.string(), instanceName: z.string(), ...reasonShape })),
        /** Known cause and suggested fix. */
        hint: z.object({ code: z.enum(failureHints), text: z.string() }).optional(),
      }),
    ),
    /** The server omitted smaller groups. */
    isComplete: z.boolean(),
  })
  .meta({ id: 'Failures' })
export type FailureGroup = z.infer<typeof failuresSchema>['groups'][number]

/** GET /executions/{id}/progress. */
export const progressSchema = z
  .object({
    elapsedMs: z.int(),
    /** Extrapolated from the recent rate; absent without enough data. */
    expectedEndAt: instantSchema.optional(),
    /** Tasks of batches that have ended, and that have not. */
    done: z.int(),
    left: z.int(),
    errors: z.object({ count: z.int(), max: z.int() }),
    /** Executions that hold locks on instances of this one, and the tasks that wait for each. */
    waitsFor: z.array(z.object({ executionId: z.string(), count: z.int(), instanceId: z.string() })),
  })
  .meta({ id: 'Progress' })

/** GET /executions/{id}/tasks/{instanceId}/output/search. */
export const outputMatchesSchema = z
  .object({
    matches: z.array(
      z.object({
        attempt: z.int(),
        stream: z.enum(streams),
        /** Offset of the line's first byte in its stream. */
        offset: z.int(),
        at: instantSchema,
        line: z.string(),
      }),
    ),
    /** The search covered all of the output. */
    isComplete: z.boolean(),
  })
  .meta({ id: 'OutputMatches' })

/** One attempt, with its delivery details. */
export const invocationViewSchema = z
  .object({
    id: z.string(),
    instanceId: z.string(),
    attempt: z.int(),
    state: z.enum(invocationStates),
    step: z.string().optional(),
    queuedAt: instantSchema,
    sentAt: instantSchema.optional(),
    acceptedAt: instantSchema.optional(),
    endedAt: instantSchema.optional(),
    ...reasonShape,
    reason: z.string().optional(),
    exitCode: z.int().optional(),
    stdoutBytes: z.int(),
    stderrBytes: z.int(),
    cutBytes: z.int(),
  })
  .meta({ id: 'Invocation' })

/** GET /executions/{id}/tasks/{instanceId}: the task with every attempt, newest last. */
export const taskDetailSchema = taskSchema
  .extend({
    /** By extension in order: values of the instance, and how they differ from the installed. */
    parameters: z.array(
      z.object({
        extension: z.string().optional(),
        values: shownValueMapSchema,
        changes: parameterChangesSchema,
      }),
    ),
    invocations: z.array(invocationViewSchema),
  })
  .meta({ id: 'TaskExecutionDetail' })
export type TaskDetailView = z.infer<typeof taskDetailSchema>

/** One chunk of output as JSON (GET …/output and its event stream). Data is base64. */
export const outputChunkSchema = z
  .object({
    invocationId: z.string(),
    instanceId: z.string(),
    instanceName: z.string(),
    stream: z.enum(streams),
    offset: z.int(),
    at: instantSchema,
    data: z.string(),
  })
  .meta({ id: 'OutputChunk' })
export type OutputChunk = z.infer<typeof outputChunkSchema>

/** POST /executions/{id}/retry: retries tasks that failed, were cancelled or never started. */
export const retryInputSchema = z.strictObject({
  clientToken: z.string().min(1).max(64).optional(),
  /** Digest of the retry's plan: if the current plan differs, the answer is 409 PlanChanged. */
  ifPlan: z.string().length(64).optional(),
  /** Only the failures of this group. */
  failure: z.string().min(1).max(80).optional(),
  /** Only these instances. */
  instanceIds: z.array(z.string().min(1).max(64)).min(1).max(maxTargetsPerExecution).optional(),
})
export type RetryInput = z.infer<typeof retryInputSchema>

/** POST /executions/{id}/retry/plan: the plan of a retry. */
export const retryPlanInputSchema = retryInputSchema.omit({ clientToken: true, ifPlan: true })

/** POST /executions/{id}/tasks/{instanceId}/retry and …/skip: while it waits after a failure. */

/**
 * Server-sent events of GET /executions/{id}/events, each of at most a few hundred KB for any
 * number of targets: `batches` (at most 100 changed batches; first all batches, before
 * `execution`), `execution` (ExecutionChange: the execution without targets and batches; first and
 * after every change), `tasks` (at most 500 tasks that changed since the last event), `end` (the
 * execution has ended). The event id is the revision; `Last-Event-ID` or `?after=` continues after
 * it.
 */
