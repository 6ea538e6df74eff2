import { z } from 'zod'
import { executionSummarySchema } from './executions.ts'
import { instantSchema } from './page.ts'
import { reasonShape } from './reasons.ts'

/**
 * GET /overview. `days` is the range of the activity: by hour for up to two days, by day beyond.
 */
export const overviewQuerySchema = z.strictObject({ days: z.coerce.number().int().min(1).max(365).default(1) })

const awayInstanceSchema = z.object({
  instanceId: z.string(),
  instanceName: z.string(),
  /** Absent: it enrolled and never connected. */
  lastSeenAt: instantSchema.optional(),
})

const notAdmittedSchema = z.object({
  instanceId: z.string(),
  instanceName: z.string(),
  ...reasonShape,
  since: instantSchema,
})

const brokenInstallSchema = z.object({
  instanceId: z.string(),
  instanceName: z.string(),
  extension: z.string(),
  version: z.string(),
  executionId: z.string(),
  since: instantSchema,
  /**
   * Number of instances that the same change left in this state, this one included; the list may be
   * incomplete.
   */
  sameCount: z.int(),
})

const activityPointSchema = z.object({
  at: instantSchema,
  success: z.int(),
  failed: z.int(),
  cancelled: z.int(),
})

export const overviewSchema = z
  .object({
    at: instantSchema,
    /** `away`: offline for more than a day. Instances that wait for approval are not counted. */
    instances: z.object({
      total: z.int(),
      online: z.int(),
      offline: z.int(),
      away: z.int(),
      pending: z.int(),
      quarantined: z.int(),
    }),
    executions: z.object({
      /** Open executions by status. */
      open: z.object({ Started: z.int(), Queued: z.int(), Running: z.int(), Waiting: z.int() }),
      /** Executions that ended within a day, by result. */
      ended: z.object({ Success: z.int(), Failed: z.int(), Cancelled: z.int() }),
      /** The ten newest. */
      recent: z.array(executionSummarySchema),
    }),
    /** Installed extensions by version; the twenty on the most instances. */
    extensions: z.array(
      z.object({ extension: z.string(), installedOn: z.record(z.string(), z.int()), broken: z.int() }),
    ),
    /** Each list contains the first ten. */
    attention: z.object({
      /** Executions that wait for an operator. */
      waiting: z.array(executionSummarySchema),
      /** Executions that failed within a day. */
      failed: z.array(executionSummarySchema),
      /** Extensions that an incomplete change left behind. */
      broken: z.array(brokenInstallSchema),
      /** Instances that have been away longest. */
      away: z.array(awayInstanceSchema),
      /** Instances that wait for an operator's approval. */
      pending: z.array(notAdmittedSchema),
      /**
       * Instances whose identity seems to be in use twice: they receive no work until an operator
       * decides.
       */
      quarantined: z.array(notAdmittedSchema),
    }),
    /**
     * Ended tasks by time and result; a retried task counts again. Contains every hour or day of
     * the range, newest last.
     */
    activity: z.object({ unit: z.enum(['hour', 'day']), points: z.array(activityPointSchema) }),
  })
  .meta({ id: 'Overview' })
