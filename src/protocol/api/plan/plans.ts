import { z } from 'zod'
import { executionReasonCodes, executionStatuses, taskReasonCodes } from '../../../core/execution/execution.ts'
import { planSteps } from '../../../core/plan/plan.ts'
import { operationValuesSchema, operationViewSchema, shownActions } from '../operations.ts'
import { pageOf } from '../page.ts'
import { reasonShape } from '../reasons.ts'

const parameterValueSchema = z.union([z.string(), z.number(), z.boolean()])

/** Absent `from`: had no value; absent `to`: will have none. Secret values are omitted. */
export const parameterChangesSchema = z
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
  ...reasonShape,
  fromVersion: z.string().optional(),
  toVersion: z.string().optional(),
  configurationId: z.string().optional(),
  /** Differences between its new values and the installed ones. */
  parameterChanges: parameterChangesSchema.optional(),
}

/** Several extensions: the planned step of each, in order. */
export const plannedPartsSchema = z
  .array(z.object({ extension: z.string(), ...decisionShape }))
  .optional()
  .meta({ id: 'PlannedParts' })

const plannedTargetSchema = z
  .object({
    instanceId: z.string(),
    instanceName: z.string(),
    ...decisionShape,
    parts: plannedPartsSchema,
    batch: z.int().optional(),
    /** The instance was offline when the plan was made: its task waits until it connects. */
    offline: z.literal(true).optional(),
  })
  .meta({ id: 'PlannedTarget' })

/** POST /plans: a summary and the first targets; GET /plans/{id}/targets returns all. */
export const planSchema = z
  .object({
    id: z.string(),
    /** For `ifPlan`. Equal digests mean equal changes on equal instances. */
    digest: z.string(),
    action: z.enum(shownActions),
    /** Of one extension. */
    extension: z.string().optional(),
    version: z.string().optional(),
    operation: operationViewSchema,
    /**
     * Values of an instance that has nothing installed; the targets have the changes of the others.
     */
    parameters: operationValuesSchema,
    /** Targets by step. */
    counts: z.record(z.string(), z.int()),
    /** Targets by reason of their step, such as `NotInScope` or `Offline`. */
    reasonCounts: z.record(z.string(), z.int()),
    targetCount: z.int(),
    /** Targets with work whose instance is offline: the execution waits for each. */
    offlineCount: z.int(),
    /** The result if every planned change succeeds. */
    verdict: z.object({
      status: z.enum(executionStatuses),
      reasonCode: z.enum(executionReasonCodes),
      ...reasonShape,
    }),
    batchSizes: z.array(z.int()),
    concurrency: z.int(),
    maxErrors: z.int(),
    group: z
      .object({ name: z.string(), matching: z.int(), total: z.int(), isUnusual: z.boolean() })
      .optional()
      .describe('Group of the targets, and whether it suddenly matches every instance.'),
    targets: z.array(plannedTargetSchema),
    nextToken: z.string().optional().describe('Token of the next page of targets; absent on the last page.'),
  })
  .meta({ id: 'Plan' })
export const planPageSchema = pageOf(plannedTargetSchema)
export type PlanView = z.infer<typeof planSchema>
