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
import { actions } from '../../core/extension/extension.ts'
import { defaultDeliveryTimeoutMs, maxDeliveryTimeoutMs, maxTargetsPerExecution } from '../../core/limits.ts'
import { planSteps } from '../../core/plan/plan.ts'
import { streams, tagsSchema } from '../agent-messages.ts'
import { parameterValuesSchema } from '../configuration.ts'
import { extensionNameSchema, versionLabelSchema } from './extensions.ts'
import {
  operationInputSchema,
  operationValuesSchema,
  operationViewSchema,
  shownActions,
  shownValueMapSchema,
} from './operations.ts'
import { instantSchema, pageOf } from './page.ts'
import { targetsSchema } from './targets.ts'

/** `10`, or `"10%"`. */
const amountSchema = z.union([
  z.int().min(0),
  z.string().regex(/^\d{1,9}(\.\d{1,2})?%?$/, 'is neither a number nor a percentage such as "10%"'),
])

const rateControlInputSchema = z
  .strictObject({
    mode: z.enum(['Concurrency', 'Batch']).default('Concurrency'),
    concurrency: amountSchema.optional(),
    batches: z.array(amountSchema).min(1).max(1_000).optional(),
    concurrencyInBatches: amountSchema.optional(),
    maxErrors: amountSchema.optional(),
    batchPause: z.enum(batchPauses).default('Automatic'),
  })
  .meta({ id: 'RateControl' })

/** Rate control as it was requested: for trying again, and for starting the like. */
const requestedRateControlSchema = z.object({
  mode: z.enum(['Concurrency', 'Batch']),
  concurrency: amountSchema.optional(),
  batches: z.array(amountSchema).optional(),
  concurrencyInBatches: amountSchema.optional(),
  maxErrors: amountSchema,
  batchPause: z.enum(batchPauses),
})

/** What both ask for: an extension, or any other operation. */
const planRequestShape = {
  action: z.enum(actions).optional(),
  extension: extensionNameSchema.optional(),
  /** Absent = the latest that is not deprecated. Not allowed for uninstall: what is removed is what each instance has. */
  version: versionLabelSchema.optional(),
  parameters: parameterValuesSchema.optional(),
  /** Installed values are not kept: what is not given has the default of the version. */
  resetParameters: z.boolean().optional(),
  /** Also where the very same is installed, which the instance otherwise only confirms. */
  reinstall: z.boolean().optional(),
  /** OS packages may remove other packages, whatever the version says. */
  allowRemovals: z.boolean().optional(),
  operation: operationInputSchema.optional().describe('Instead of the seven above it: what else can be asked for.'),
  targets: targetsSchema,
  rateControl: rateControlInputSchema.prefault({}),
  /** Any target that is left out or not as wanted in the end makes the verdict Failed, accepted failures too. */
  strict: z.boolean().optional(),
  /** Leave out instances that are offline when it is planned, instead of waiting for them. */
  skipOffline: z.boolean().optional(),
}

interface Asked {
  readonly action?: unknown
  readonly extension?: unknown
  readonly version?: unknown
  readonly parameters?: unknown
  readonly resetParameters?: unknown
  readonly reinstall?: unknown
  readonly allowRemovals?: unknown
  readonly operation?: unknown
}

/** An operation, or an action and an extension; not both. */
function refuseHalves({ operation, ...fields }: Asked, refinement: z.RefinementCtx): void {
  for (const name of [
    'action',
    'extension',
    'version',
    'parameters',
    'resetParameters',
    'reinstall',
    'allowRemovals',
  ] as const) {
    const wanted = operation === undefined && (name === 'action' || name === 'extension')
    if (wanted && fields[name] === undefined)
      refinement.addIssue({ code: 'custom', path: [name], message: 'is missing, and there is no operation' })
    if (operation !== undefined && fields[name] !== undefined)
      refinement.addIssue({ code: 'custom', path: [name], message: 'belongs into the operation' })
  }
}

/** POST /plans. */
export const planInputSchema = z.strictObject(planRequestShape).superRefine(refuseHalves).meta({ id: 'PlanRequest' })
/** As it is sent: what has a default may be absent. */
export type PlanRequest = z.input<typeof planInputSchema>

/** POST /executions. */
export const executionInputSchema = z
  .strictObject({
    ...planRequestShape,
    mode: z.enum(executionModes).default('Automatic'),
    /** The same token gives the same execution, however often it is sent. */
    clientToken: z.string().min(1).max(64).optional(),
    /** Digest of a plan: if something else would be done now, nothing is started (409 PlanChanged, with what differs). */
    ifPlan: z.string().length(64).optional(),
    description: z.string().max(1_024).default(''),
    tags: tagsSchema.default({}),
    resourceGroup: z.string().max(64).default(''),
    /** An execution that this one belongs to. */
    parentExecutionId: z.string().min(1).max(64).optional(),
    deliveryTimeoutMs: z.int().min(1_000).max(maxDeliveryTimeoutMs).default(defaultDeliveryTimeoutMs),
  })
  .superRefine(refuseHalves)
  .meta({ id: 'ExecutionRequest' })
export type ExecutionRequest = z.input<typeof executionInputSchema>

/** PATCH /executions/{id}: what people say about an execution. `tags` replaces all tags. */
export const executionPatchSchema = z
  .strictObject({
    description: z.string().max(1_024).optional(),
    tags: tagsSchema.optional(),
    resourceGroup: z.string().max(64).optional(),
  })
  .meta({ id: 'ExecutionPatch' })
export type ExecutionPatch = z.infer<typeof executionPatchSchema>

export type TargetsInput = z.infer<typeof targetsSchema>

const parameterValueSchema = z.union([z.string(), z.number(), z.boolean()])

/** Absent `from`: it had no value; absent `to`: it will have none. Of a secret neither is given. */
const parameterChangesSchema = z
  .array(
    z.object({
      name: z.string(),
      from: parameterValueSchema.optional(),
      to: parameterValueSchema.optional(),
      secret: z.literal(true).optional(),
    }),
  )
  .meta({ id: 'ParameterChanges' })

const decisionShape = {
  step: z.enum(planSteps),
  reasonCode: z.enum(taskReasonCodes),
  reason: z.string(),
  fromVersion: z.string().optional(),
  toVersion: z.string().optional(),
  configurationId: z.string().optional(),
  /** How its values will differ from the installed ones. */
  parameterChanges: parameterChangesSchema.optional(),
}

/** Several extensions: what is planned for each, in their order. */
const partsSchema = z
  .array(z.object({ extension: z.string(), ...decisionShape }))
  .optional()
  .meta({ id: 'PlannedParts' })

const plannedTargetSchema = z
  .object({
    instanceId: z.string(),
    instanceName: z.string(),
    ...decisionShape,
    parts: partsSchema,
    batch: z.int().optional(),
    /** The instance was not connected when the plan was made: its task waits for it. */
    offline: z.literal(true).optional(),
  })
  .meta({ id: 'PlannedTarget' })

/** POST /plans: a summary of all targets and the first page of them; GET /plans/{id}/targets has the others. */
export const planSchema = z
  .object({
    id: z.string(),
    /** For `ifPlan`. Equal digests: the same is done on the same instances. */
    digest: z.string(),
    action: z.enum(shownActions),
    /** Of one extension. */
    extension: z.string().optional(),
    version: z.string().optional(),
    operation: operationViewSchema,
    /** Of an instance that has nothing installed; the changes of others are with them. */
    parameters: operationValuesSchema,
    /** Targets by step. */
    counts: z.record(z.string(), z.int()),
    /** Targets by the reason of their step; left-out targets have one of `NotInScope`, `NoConfiguration`, `NotInstalled`, `Offline`, … */
    reasonCounts: z.record(z.string(), z.int()),
    targetCount: z.int(),
    /** Targets with work whose instance is offline: each is waited for. */
    offlineCount: z.int(),
    /** The verdict if every planned change succeeds. */
    verdict: z.object({
      status: z.enum(executionStatuses),
      reasonCode: z.enum(executionReasonCodes),
      reason: z.string(),
    }),
    batchSizes: z.array(z.int()),
    concurrency: z.int(),
    maxErrors: z.int(),
    targets: z.array(plannedTargetSchema),
    nextToken: z.string().optional().describe('For the next page of targets; absent: there are no more.'),
  })
  .meta({ id: 'Plan' })
export const planPageSchema = pageOf(plannedTargetSchema)
export type PlanView = z.infer<typeof planSchema>

const reasonCountSchema = z.object({
  status: z.enum(taskStatuses),
  reasonCode: z.enum(taskReasonCodes),
  count: z.int(),
})

export const batchSchema = z.object({
  number: z.int(),
  size: z.int(),
  pending: z.int(),
  running: z.int(),
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
    /** One sentence: why it is in this state, or the verdict. */
    reason: z.string(),
    action: z.enum(shownActions),
    /** Of one extension. */
    extension: z.string().optional(),
    version: z.string().optional(),
    operation: operationViewSchema,
    description: z.string(),
    targets: targetsSchema,
    mode: z.enum(executionModes),
    /** Any target that is left out or not as wanted in the end makes the verdict Failed. */
    strict: z.boolean(),
    /** Instances that were offline when it was planned are left out. */
    skipOffline: z.boolean(),
    rateControl: z.object({
      mode: z.enum(['Concurrency', 'Batch']),
      concurrency: z.int(),
      batchPause: z.enum(batchPauses),
      maxErrors: z.int(),
      batchCount: z.int(),
      requested: requestedRateControlSchema
        .optional()
        .describe('As it was requested, with its percentages; only where one execution is asked for.'),
    }),
    parameters: operationValuesSchema
      .optional()
      .describe(
        'Of an instance that had nothing installed; a task has those of its own. Only where one execution is asked for.',
      ),
    /** Tasks by status; every planned target is in it. */
    counts: z.record(z.enum(taskStatuses), z.int()),
    reasons: z.array(reasonCountSchema),
    batches: z.array(batchSchema),
    openBatch: z.int(),
    taskCount: z.int(),
    /** Grows with every change: `GET …/events` continues after it. */
    revision: z.int(),
    retryOf: z.string().optional(),
    parentExecutionId: z.string().optional(),
    tags: z.record(z.string(), z.string()),
    resourceGroup: z.string(),
    /** What was said with the last answer to a question of it. */
    note: z.string().optional(),
    clientToken: z.string().optional(),
    createdBy: z.string(),
    createdAt: instantSchema,
    startedAt: instantSchema.optional(),
    endedAt: instantSchema.optional(),
    /** The output was removed: it is kept for a limited time after the end. */
    outputExpiredAt: instantSchema.optional(),
  })
  .meta({ id: 'Execution' })

export type ExecutionView = z.infer<typeof executionSchema>

export const executionSummarySchema = executionSchema
  .omit({ batches: true, reasons: true, targets: true })
  .meta({ id: 'ExecutionSummary' })

export type ExecutionSummary = z.infer<typeof executionSummarySchema>

/** What changes of an execution, whatever its size: event `execution` of its event stream. */
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
    reason: z.string(),
    exitCode: z.int().optional(),
    output: z.string().optional(),
    /** What was said with the last decision about it. */
    note: z.string().optional(),
    fromVersion: z.string().optional(),
    toVersion: z.string().optional(),
    parts: partsSchema,
    /** Of several extensions, from 1: the one that step, versions and the rest are about. */
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
    .regex(new RegExp(`^(${taskStatuses.join('|')})(,(${taskStatuses.join('|')}))*$`), 'is not a list of statuses')
    .optional()
    .describe('One or several, with commas between them.'),
  reasonCode: z.enum(taskReasonCodes).optional(),
  batch: z.coerce.number().int().min(0).optional(),
  instanceId: z.string().min(1).max(64).optional(),
  failure: z.string().min(1).max(80).optional().describe('The key of a group of GET …/failures.'),
  search: z.string().min(1).max(128).optional().describe("A part of the instance's name or id, or of the reason."),
  sort: z
    .enum(taskSorts.flatMap((sort) => [sort, `-${sort}` as const]))
    .default('ordinal')
    .describe('With `-` from the last to the first; what has not ended ends last.'),
})

/** GET /executions/{id}/failures: failed tasks that are alike, the largest group first. */
export const failuresSchema = z
  .object({
    groups: z.array(
      z.object({
        /** For `failure` of the task list and of a retry. */
        key: z.string(),
        reasonCode: z.enum(taskReasonCodes),
        exitCode: z.int().optional(),
        /** The last lines of their output, with what differs between instances folded away: `<n>`, `<path>`, `<time>`. */
        lines: z.array(z.string()),
        count: z.int(),
        /** The first of them. */
        samples: z.array(z.object({ instanceId: z.string(), instanceName: z.string(), reason: z.string() })),
        /** What is well known of it, and what to do. */
        hint: z.object({ code: z.enum(failureHints), text: z.string() }).optional(),
      }),
    ),
    /** There are no smaller groups. */
    isComplete: z.boolean(),
  })
  .meta({ id: 'Failures' })
export type FailureGroup = z.infer<typeof failuresSchema>['groups'][number]

/** GET /executions/{id}/progress. */
export const progressSchema = z
  .object({
    elapsedMs: z.int(),
    /** If it goes on as it did lately; absent while nobody can tell. */
    expectedEndAt: instantSchema.optional(),
    /** Tasks of batches that have ended, and that have not. */
    done: z.int(),
    left: z.int(),
    errors: z.object({ count: z.int(), max: z.int() }),
    /** Other executions that are changing the same on instances of this one, and how many tasks wait for each. */
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
        /** Of the first byte of the line in its stream. */
        offset: z.int(),
        at: instantSchema,
        line: z.string(),
      }),
    ),
    /** All of the output was looked at. */
    isComplete: z.boolean(),
  })
  .meta({ id: 'OutputMatches' })

/** One attempt, with its delivery detail. */
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
    reason: z.string().optional(),
    exitCode: z.int().optional(),
    stdoutBytes: z.int(),
    stderrBytes: z.int(),
    cutBytes: z.int(),
  })
  .meta({ id: 'Invocation' })

/** GET /executions/{id}/tasks/{instanceId}: the task with every attempt, the newest last. */
export const taskDetailSchema = taskSchema
  .extend({
    /** By extension in order: the values that the instance is given, and how they differ from those that were installed. */
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

/** One piece of output as JSON (GET …/output, and the events `output` of its following form). Data is base64. */
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

/** POST /executions/{id}/retry: a new execution with the targets that failed, were cancelled or never started. */
export const retryInputSchema = z.strictObject({
  clientToken: z.string().min(1).max(64).optional(),
  /** Digest of a plan of it: if something else would be done now, nothing is started (409 PlanChanged). */
  ifPlan: z.string().length(64).optional(),
  /** Only the failures of a group, by its key. */
  failure: z.string().min(1).max(80).optional(),
  /** Only these of them. */
  instanceIds: z.array(z.string().min(1).max(64)).min(1).max(maxTargetsPerExecution).optional(),
})
export type RetryInput = z.infer<typeof retryInputSchema>

/** POST /executions/{id}/retry/plan: the plan of a retry. */
export const retryPlanInputSchema = retryInputSchema.omit({ clientToken: true, ifPlan: true })

/** POST /executions/{id}/tasks/{instanceId}/retry and …/skip: only while the execution waits after a failure. */

/**
 * Server-sent events of GET /executions/{id}/events, each of at most a few hundred KB for any number of targets:
 * `batches` (at most 100 batches that changed: at first all of them, before `execution`),
 * `execution` (ExecutionChange: all of the execution but its targets and batches; at first and after every change),
 * `tasks` (at most 500 tasks changed since the last event), `end` (the execution has ended).
 * The event id is the revision; `Last-Event-ID` or `?after=` continues after it.
 */
