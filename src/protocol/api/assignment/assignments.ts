import { z } from 'zod'
import { assignmentNamePattern } from '../../../core/assignment/assignment.ts'
import { maxNoteLength } from '../../../core/limits.ts'
import { parameterValuesSchema } from '../../configuration.ts'
import { extensionNameSchema, versionReferenceSchema } from '../extensions.ts'
import { instantSchema } from '../page.ts'
import { rateControlInputSchema, requestedRateControlSchema } from '../rate-control.ts'
import { reasonShape } from '../reasons.ts'

const nameSchema = z
  .string()
  .regex(assignmentNamePattern, 'must be 1 to 64 letters, digits, dots, hyphens or underscores')

const definitionShape = {
  description: z.string().max(maxNoteLength).default(''),
  group: z.string().min(1).max(64),
  extension: extensionNameSchema,
  /** Absent: the instances must not have the extension. */
  version: versionReferenceSchema.optional(),
  parameters: parameterValuesSchema.default({}),
  /** Of each execution. `maxErrors` is the error budget across all of them. */
  rateControl: rateControlInputSchema.prefault({}),
  /** Changes start only in this window, such as `Mon-Fri 01:00-05:00 Asia/Shanghai`. */
  window: z.string().min(1).max(200).optional(),
  /** Of two assignments that contradict each other, the higher one counts. */
  priority: z.int().min(-1_000).max(1_000).default(0),
  repair: z
    .boolean()
    .default(false)
    .describe('Repair instances that have drifted, under the same rate control, error budget and window.'),
}

/** POST /assignments. */
export const assignmentInputSchema = z
  .strictObject({ name: nameSchema, ...definitionShape })
  .meta({ id: 'AssignmentRequest' })
export type AssignmentInput = z.input<typeof assignmentInputSchema>

/** PUT /assignments/{name}: creates or replaces it. */
export const assignmentReplacementSchema = z
  .strictObject({
    ...definitionShape,
    keepSecrets: z.boolean().default(false).describe('Secret values that `parameters` does not have remain.'),
  })
  .meta({ id: 'AssignmentReplacement' })

const assignmentStates = ['active', 'halted', 'blocked'] as const

export const assignmentSchema = z
  .object({
    name: z.string(),
    description: z.string(),
    group: z.string(),
    extension: z.string(),
    version: z.string().optional().describe('As requested; absent: the instances must not have the extension.'),
    resolvedVersion: z
      .string()
      .optional()
      .describe('The version that a channel or `latest` means now; absent while the assignment is halted.'),
    parameters: parameterValuesSchema,
    secretParameters: z.array(z.string()).describe('Names of parameters whose values are not shown.'),
    rateControl: requestedRateControlSchema.partial({ maxErrors: true }),
    window: z.string().optional(),
    priority: z.int(),
    repair: z.boolean(),
    state: z
      .enum(assignmentStates)
      .describe('`halted`: starts nothing until it is resumed. `blocked`: it cannot be planned; see `failure`.'),
    halt: z.object({ at: instantSchema, ...reasonShape }).optional(),
    failure: z.object({ code: z.string(), message: z.string() }).optional(),
    /** Numbers of instances, as the last evaluation found them; absent before the first one. */
    outcome: z
      .object({
        members: z.int(),
        asDesired: z.int(),
        different: z.int(),
        failed: z.int(),
        offline: z.int(),
        overridden: z.int(),
        drifted: z.int().describe('Of `asDesired`: their checks no longer hold.'),
        leftOut: z.record(z.string(), z.int()),
      })
      .optional(),
    evaluatedAt: instantSchema.optional(),
    lastExecutionId: z.string().optional(),
    contradictions: z.array(z.object({ assignment: z.string(), instances: z.int(), isStronger: z.boolean() })),
    createdBy: z.string(),
    createdAt: instantSchema,
    updatedBy: z.string(),
    updatedAt: instantSchema,
  })
  .meta({ id: 'Assignment' })
export const assignmentsSchema = z.object({ items: z.array(assignmentSchema) })
export type AssignmentView = z.infer<typeof assignmentSchema>
