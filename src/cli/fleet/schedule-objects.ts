import type { FleetObjects } from '../../core/assignment/plan-fleet.ts'
import { hideSecrets, type SecretNames } from '../../core/execution/operation/requested-secrets.ts'
import type { ScheduleView } from '../../protocol/api/automation/schedules.ts'
import { scheduledRequestSchema } from '../../protocol/api/executions.ts'
import { readPlanRequest } from '../../protocol/api/plan/read-plan-request.ts'
import type { FleetFile, FleetFileInput } from '../../protocol/fleet-file.ts'

type Entry = NonNullable<FleetFile['schedules']>[string]

/** Fields of the request appear as `request.NAME`. Values that are secret on the server are not compared. */
function describeSchedule({ cron, timeZone, onMissed, onOverlap, request }: Entry, secrets: SecretNames) {
  const { operation, ...others } = readPlanRequest(request)
  const fields = { operation: hideSecrets(operation, secrets), ...others }
  return {
    cron,
    timeZone,
    onMissed,
    onOverlap,
    ...Object.fromEntries(Object.entries(fields).map(([name, value]) => [`request.${name}`, value])),
  }
}

export const describeServerSchedules = (schedules: readonly ScheduleView[]): FleetObjects =>
  Object.fromEntries(
    schedules.map(({ name, request, ...schedule }) => [
      name,
      describeSchedule({ ...schedule, request: scheduledRequestSchema.parse(request) }, {}),
    ]),
  )

export const describeFileSchedules = (
  wanted: NonNullable<FleetFile['schedules']>,
  known: readonly ScheduleView[],
): FleetObjects =>
  Object.fromEntries(
    Object.entries(wanted).map(([name, entry]) => [
      name,
      describeSchedule(entry, known.find((schedule) => schedule.name === name)?.secretParameters ?? {}),
    ]),
  )

export const exportSchedules = (schedules: readonly ScheduleView[]): NonNullable<FleetFileInput['schedules']> =>
  Object.fromEntries(
    schedules.map(({ name, cron, timeZone, onMissed, onOverlap, request }) => [
      name,
      { cron, timeZone, onMissed, onOverlap, request: request as FleetScheduleRequest },
    ]),
  )
type FleetScheduleRequest = NonNullable<FleetFileInput['schedules']>[string]['request']
