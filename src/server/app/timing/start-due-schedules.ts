import { ChandlerError } from '../../../core/error/errors.ts'
import type { AccountId } from '../../../core/id.ts'
import { decideSchedule } from '../../../core/timing/decide-schedule.ts'
import { readDatabaseClock } from '../../../store/database/database-clock.ts'
import {
  type DueScheduleRow,
  listDueSchedules,
  type ScheduleResult,
  setScheduleResult,
  setScheduleWaiting,
} from '../../../store/timing/schedules.ts'
import { loadUserPolicies } from '../access/policy/granted-policies.ts'
import type { AppContext } from '../context.ts'
import { startExecution } from '../execution/start-execution.ts'
import { cronOf, describeRun, openScheduledRequest } from './schedules.ts'

const schedulesAtOnce = 100

/**
 * Starts the executions of schedules that are due. Safe on several servers and after a crash: each
 * execution has a client token of its schedule and time.
 * @param given absent: the clock of the database
 */
export async function startDueSchedules(context: AppContext, given?: Date): Promise<void> {
  const now = given ?? (await readDatabaseClock(context.database))
  for (const due of await listDueSchedules(context.database, now, schedulesAtOnce)) {
    const decision = decideSchedule(
      {
        dueAt: due.next_at.getTime(),
        onMissed: due.on_missed,
        onOverlap: due.on_overlap,
        isWaiting: due.waiting,
        isRunning: due.isRunning,
      },
      now.getTime(),
      cronOf(due).next,
    )
    if (decision.kind === 'wait') {
      if (!due.waiting) await setScheduleWaiting(context.database, due.id)
      continue
    }
    const nextAt = decision.nextAt === null ? null : new Date(decision.nextAt)
    const result = decision.kind === 'start' ? await start(context, due) : { outcome: decision.outcome }
    await setScheduleResult(context.database, due, { ...result, nextAt })
  }
}

/** A refusal is a result: the next time may succeed. */
async function start(context: AppContext, due: DueScheduleRow): Promise<Omit<ScheduleResult, 'nextAt'>> {
  const accountId = due.account_id as AccountId
  const policies = await loadUserPolicies(context.database, accountId, due.created_by)
  const actor = { accountId, name: due.created_by, source: `schedule/${due.name}`, policies }
  const request = describeRun(due, openScheduledRequest(context.secrets, due).request)
  const clientToken = `${due.id}-${due.next_at.getTime()}`
  try {
    const { id } = await startExecution(context, actor, { ...request, clientToken })
    return { outcome: 'started', executionId: id }
  } catch (error) {
    if (!(error instanceof ChandlerError)) throw error
    const { code, message } = error
    context.log.warn('a schedule could not start its execution', { schedule: due.name, code, reason: message })
    return { outcome: 'failed', failure: { code, message } }
  }
}
