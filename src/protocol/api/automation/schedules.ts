import { z } from 'zod'
import { missedPolicies, overlapPolicies } from '../../../core/timing/decide-schedule.ts'
import { scheduledRequestSchema } from '../executions.ts'
import { instantSchema } from '../page.ts'

export const scheduleSchema = z
  .object({
    name: z.string(),
    cron: z.string(),
    timeZone: z.string(),
    onMissed: z.enum(missedPolicies),
    onOverlap: z.enum(overlapPolicies),
    /** Such as `install demo v2`. */
    operation: z.string(),
    /** A selector, such as `tag:env=prod`. */
    targets: z.string(),
    window: z.string().optional(),
    request: z
      .record(z.string(), z.unknown())
      .describe('What it starts, as `POST /schedules` takes it, without the values of secret parameters.'),
    secretParameters: z
      .record(z.string(), z.array(z.string()))
      .describe('Names of the parameters whose values are not shown, by extension; empty for a command.'),
    paused: z.boolean(),
    /** It is due and waits for the end of its last execution. */
    waiting: z.boolean(),
    /** The next times; empty while it is paused. */
    upcoming: z.array(instantSchema),
    lastAt: instantSchema.optional(),
    /** What became of the last time: started, missed, skipped because of an overlap, or refused. */
    lastOutcome: z.enum(['started', 'missed', 'overlap', 'failed']).optional(),
    lastFailure: z.object({ code: z.string(), message: z.string() }).optional(),
    lastExecutionId: z.string().optional(),
    createdBy: z.string(),
    createdAt: instantSchema,
  })
  .meta({ id: 'Schedule' })
export type ScheduleView = z.output<typeof scheduleSchema>
export const schedulesSchema = z.object({ items: z.array(scheduleSchema) })

const scheduleShape = {
  /** Minute, hour, day of month, month, day of week: `0 3 * * 1-5`. */
  cron: z.string().min(1).max(200),
  timeZone: z.string().min(1).max(64).default('UTC'),
  onMissed: z.enum(missedPolicies).default('skip'),
  onOverlap: z.enum(overlapPolicies).default('skip'),
  request: scheduledRequestSchema,
}

/** PUT /schedules/{name}. */
export const scheduleReplacementSchema = z
  .strictObject({
    ...scheduleShape,
    keepSecrets: z.boolean().default(false).describe('Secret values that `request` does not have remain.'),
  })
  .meta({ id: 'ScheduleReplacement' })
export type ScheduleReplacement = z.input<typeof scheduleReplacementSchema>

/** POST /schedules. */
export const scheduleInputSchema = z
  .strictObject({
    name: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'must be 1 to 64 letters, digits, dots, hyphens or underscores'),
    ...scheduleShape,
  })
  .meta({ id: 'ScheduleRequest' })
export type ScheduleInput = z.input<typeof scheduleInputSchema>

/** POST /schedules/{name}/run. */
export const scheduleRunSchema = z.object({ executionId: z.string() })
