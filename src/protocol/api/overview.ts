import { z } from 'zod'
import { executionSummarySchema } from './executions.ts'
import { instantSchema } from './page.ts'

/** GET /overview. `days` is how far back activity goes: by the hour for up to two days, by the day beyond. */
export const overviewQuerySchema = z.strictObject({ days: z.coerce.number().int().min(1).max(365).default(1) })

const awayInstanceSchema = z.object({
  instanceId: z.string(),
  instanceName: z.string(),
  /** Absent: it enrolled and was never seen. */
  lastSeenAt: instantSchema.optional(),
})

const notAdmittedSchema = z.object({
  instanceId: z.string(),
  instanceName: z.string(),
  reason: z.string(),
  since: instantSchema,
})

const brokenInstallSchema = z.object({
  instanceId: z.string(),
  instanceName: z.string(),
  extension: z.string(),
  version: z.string(),
  executionId: z.string(),
  since: instantSchema,
  /** Instances that the same change left so, this one included; not all of them are listed. */
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
    /** `away`: offline for more than a day. Instances that wait for approval are not in these. */
    instances: z.object({
      total: z.int(),
      online: z.int(),
      offline: z.int(),
      away: z.int(),
      pending: z.int(),
      quarantined: z.int(),
    }),
    executions: z.object({
      /** Not ended, by status. */
      open: z.object({ Started: z.int(), Queued: z.int(), Running: z.int(), Waiting: z.int() }),
      /** Ended within a day, by verdict. */
      ended: z.object({ Success: z.int(), Failed: z.int(), Cancelled: z.int() }),
      /** The ten newest. */
      recent: z.array(executionSummarySchema),
    }),
    /** What is installed, by extension and version; the twenty that are on most instances. */
    extensions: z.array(
      z.object({ extension: z.string(), installedOn: z.record(z.string(), z.int()), broken: z.int() }),
    ),
    /** Each list holds the first ten. */
    attention: z.object({
      /** Executions that wait for a person. */
      waiting: z.array(executionSummarySchema),
      /** Executions that failed within a day. */
      failed: z.array(executionSummarySchema),
      /** What changes that ended half-way have left. */
      broken: z.array(brokenInstallSchema),
      /** Instances that are away longest. */
      away: z.array(awayInstanceSchema),
      /** Instances that wait until an operator approves them. */
      pending: z.array(notAdmittedSchema),
      /** Instances whose identity seems to be in use twice: they get no work until an operator decides. */
      quarantined: z.array(notAdmittedSchema),
    }),
    /** Tasks by when and how they ended; a task that is tried again ends again. Every hour or day of the range is there, the newest last. */
    activity: z.object({ unit: z.enum(['hour', 'day']), points: z.array(activityPointSchema) }),
  })
  .meta({ id: 'Overview' })
