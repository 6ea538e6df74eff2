import { chandlerError } from '../../../core/error/errors.ts'
import { mapRequestedValues } from '../../../core/execution/operation/operations.ts'
import { keepSecrets, type SecretNames } from '../../../core/execution/operation/requested-secrets.ts'
import type { OperationRequest } from '../../../core/execution/operation.ts'
import { type ExecutionId, makeScheduleId } from '../../../core/id.ts'
import type { MissedPolicy, OverlapPolicy } from '../../../core/timing/decide-schedule.ts'
import { type CronTimes, parseCron } from '../../../lib/cron.ts'
import { isTimeZone } from '../../../lib/local-time.ts'
import {
  deleteSchedule,
  getSchedule,
  insertSchedule,
  listSchedules,
  type ScheduleRow,
  setScheduleExecution,
  setSchedulePaused,
  updateSchedule,
} from '../../../store/timing/schedules.ts'
import { writeAudit } from '../access/write-audit.ts'
import type { Actor, AppContext, SecretBox } from '../context.ts'
import { authoriseStart } from '../execution/authorise-operation.ts'
import { type StartRequest, startExecution } from '../execution/start-execution.ts'
import type { PreparedOperation } from '../operation/operation-handler.ts'
import { makeOperationReady, prepareOperation } from '../operation/operations.ts'
import { readTiming } from './read-timing.ts'

/** What a schedule starts: an execution without a time and a token of its own. */
export type ScheduledRequest = Omit<StartRequest, 'clientToken' | 'ifPlan' | 'startAt'>

export interface ScheduleRequest {
  readonly name: string
  readonly cron: string
  readonly timeZone: string
  readonly onMissed: MissedPolicy
  readonly onOverlap: OverlapPolicy
  readonly request: ScheduledRequest
}

/** A schedule with what it starts, and its next times in ms since 1970. */
export interface ScheduleRecord {
  readonly schedule: ScheduleRow
  readonly request: ScheduledRequest
  readonly secretNames: SecretNames
  readonly upcoming: readonly number[]
}

const contextOf = (id: string) => `schedule/${id}`
const upcomingCount = 5

/** What a schedule starts, and the names of its secret values. */
export interface OpenedRequest {
  readonly request: ScheduledRequest
  readonly secretNames: SecretNames
}

export function openScheduledRequest(
  secrets: SecretBox,
  { id, request_sealed: sealed }: Pick<ScheduleRow, 'id' | 'request_sealed'>,
): OpenedRequest {
  const { secretNames, ...request } = JSON.parse(
    secrets.open(sealed, contextOf(id)).toString('utf8'),
  ) as ScheduledRequest & { readonly secretNames?: SecretNames }
  return { request, secretNames: secretNames ?? everyName(request.operation) }
}

/** Schedules of earlier releases have no names of secret values: each value may be one. */
function everyName(operation: OperationRequest): SecretNames {
  const names: Record<string, readonly string[]> = {}
  mapRequestedValues(operation, (extension, values) => {
    if (Object.keys(values).length > 0) names[extension] = Object.keys(values)
    return values
  })
  return names
}

/** The times of a stored schedule, which were valid when it was created. */
export function cronOf({
  name,
  cron,
  time_zone: timeZone,
}: Pick<ScheduleRow, 'name' | 'cron' | 'time_zone'>): CronTimes {
  const times = parseCron(cron, timeZone)
  if ('problem' in times) throw new Error(`the schedule ${name} ${times.problem}`)
  return times
}

/**
 * Creates a schedule. Its executions start with the permissions that its creator has then.
 * @throws ScheduleInvalid, ScheduleExists, AccessDenied, and errors of the operation
 */
export async function createSchedule(
  context: AppContext,
  actor: Actor,
  wanted: ScheduleRequest,
): Promise<ScheduleRecord> {
  const { name } = wanted
  const id = makeScheduleId(context.random)
  const { text, nextAt } = await makeText(context, actor, id, wanted)
  const schedule = await context.database.transaction().execute(async (transaction) => {
    const inserted = await insertSchedule(transaction, {
      id,
      account_id: actor.accountId,
      name,
      ...text,
      next_at: nextAt,
      created_by: actor.name,
    })
    if (!inserted) throw chandlerError('ScheduleExists', { name })
    await writeAudit(transaction, actor, 'CreateSchedule', `schedule/${name}`, auditOf(wanted))
    return inserted
  })
  return describe(context, schedule)
}

/**
 * Replaces a schedule, or creates it. Its executions start with the permissions of the actor from
 * now on. A paused schedule remains paused.
 * @throws ScheduleInvalid, AccessDenied, and errors of the operation
 */
export async function putSchedule(
  context: AppContext,
  actor: Actor,
  wanted: ScheduleRequest & {
    /** Secret values that the request does not have remain. */
    readonly keepSecrets: boolean
  },
): Promise<ScheduleRecord> {
  const { name, cron, timeZone, request } = wanted
  const known = await getSchedule(context.database, actor.accountId, name)
  if (!known) return createSchedule(context, actor, wanted)
  const before = openScheduledRequest(context.secrets, known)
  const operation = wanted.keepSecrets
    ? keepSecrets(request.operation, { request: before.request.operation, secrets: before.secretNames })
    : request.operation
  const { text, nextAt } = await makeText(context, actor, known.id, { ...wanted, request: { ...request, operation } })
  const isRetimed = known.cron !== cron || known.time_zone !== timeZone
  const changed = await context.database.transaction().execute(async (transaction) => {
    const change = { ...text, created_by: actor.name, ...(isRetimed && !known.paused ? { next_at: nextAt } : {}) }
    const updated = await updateSchedule(transaction, known.id, change)
    await writeAudit(transaction, actor, 'UpdateSchedule', `schedule/${name}`, auditOf(wanted))
    return updated
  })
  return describe(context, changed)
}

const auditOf = ({ cron, timeZone, onMissed, onOverlap }: ScheduleRequest) => ({ cron, timeZone, onMissed, onOverlap })

/** Checks a request as an execution of today would be; returns its columns. */
async function makeText(
  context: AppContext,
  actor: Actor,
  id: string,
  { name, cron, timeZone, onMissed, onOverlap, request }: ScheduleRequest,
) {
  const refuse = (reason: string) => chandlerError('ScheduleInvalid', { name, reason })
  if (!isTimeZone(timeZone)) throw refuse(`the time zone "${timeZone}" does not exist`)
  const times = parseCron(cron, timeZone)
  if ('problem' in times) throw refuse(`its expression "${cron}" ${times.problem}`)
  const nextAt = times.next(context.clock.now())
  if (nextAt === undefined) throw refuse(`its expression "${cron}" never fires`)
  authoriseStart(context, actor, request)
  readTiming(context, actor, request)
  await makeOperationReady(context, request.operation)
  const secretNames = findSecretNames(request.operation, await prepareOperation(context, actor, request.operation))
  const text = {
    cron,
    time_zone: timeZone,
    on_missed: onMissed,
    on_overlap: onOverlap,
    request_sealed: context.secrets.seal(JSON.stringify({ ...request, secretNames }), contextOf(id)),
  }
  return { text, nextAt: new Date(nextAt) }
}

/** The names of the given values that are secret. */
function findSecretNames(request: OperationRequest, { parts }: PreparedOperation): SecretNames {
  const names: Record<string, readonly string[]> = {}
  let index = 0
  mapRequestedValues(request, (extension, values) => {
    const secret = parts[index]?.secret ?? {}
    index += 1
    const given = Object.keys(values).filter((name) => Object.hasOwn(secret, name))
    if (given.length > 0) names[extension] = given
    return values
  })
  return names
}

function describe({ secrets, clock }: AppContext, schedule: ScheduleRow): ScheduleRecord {
  const times = cronOf(schedule)
  const upcoming: number[] = []
  let at: number | undefined = schedule.paused ? undefined : times.next(clock.now())
  while (at !== undefined && upcoming.length < upcomingCount) {
    upcoming.push(at)
    at = times.next(at)
  }
  return { schedule, ...openScheduledRequest(secrets, schedule), upcoming }
}

export const readSchedules = async (context: AppContext, { accountId }: Actor): Promise<ScheduleRecord[]> =>
  (await listSchedules(context.database, accountId)).map((schedule) => describe(context, schedule))

/** @throws ScheduleNotFound */
export async function readSchedule(context: AppContext, { accountId }: Actor, name: string): Promise<ScheduleRecord> {
  const schedule = await getSchedule(context.database, accountId, name)
  if (!schedule) throw chandlerError('ScheduleNotFound', { name })
  return describe(context, schedule)
}

/** @throws ScheduleNotFound */
export async function removeSchedule({ database }: AppContext, actor: Actor, name: string): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    if (!(await deleteSchedule(transaction, actor.accountId, name))) throw chandlerError('ScheduleNotFound', { name })
    await writeAudit(transaction, actor, 'DeleteSchedule', `schedule/${name}`, {})
  })
}

/**
 * Pauses or resumes a schedule. What was due in between is not made up for.
 * @throws ScheduleNotFound
 */
export async function pauseSchedule(
  context: AppContext,
  actor: Actor,
  name: string,
  paused: boolean,
): Promise<ScheduleRecord> {
  const { schedule: known } = await readSchedule(context, actor, name)
  const nextAt = cronOf(known).next(context.clock.now())
  const change = paused
    ? ({ paused: true } as const)
    : ({ paused: false, nextAt: nextAt === undefined ? null : new Date(nextAt) } as const)
  const changed = await context.database.transaction().execute(async (transaction) => {
    const row = await setSchedulePaused(transaction, actor.accountId, name, change)
    if (!row) throw chandlerError('ScheduleNotFound', { name })
    await writeAudit(transaction, actor, paused ? 'PauseSchedule' : 'ResumeSchedule', `schedule/${name}`, {})
    return row
  })
  return describe(context, changed)
}

/**
 * Starts what a schedule starts, now and with the permissions of the actor.
 * @throws ScheduleNotFound, AccessDenied, and errors of planning
 */
export async function runSchedule(context: AppContext, actor: Actor, name: string): Promise<ExecutionId> {
  const { schedule, request } = await readSchedule(context, actor, name)
  const { id } = await startExecution(context, actor, describeRun(schedule, request))
  await setScheduleExecution(context.database, schedule.id, id)
  return id
}

/** The request of one execution of a schedule. */
export const describeRun = ({ name }: Pick<ScheduleRow, 'name'>, request: ScheduledRequest): StartRequest => ({
  ...request,
  description: request.description === '' ? `Schedule ${name}` : request.description,
})
